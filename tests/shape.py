"""`make shape`: the ten longest files and functions. A mirror, not a limit."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SKIP = {".venv", ".boot", "node_modules", "bundle", "migrations"}


def sources(suffix: str) -> list[Path]:
    return [path for path in ROOT.rglob(f"*{suffix}") if not SKIP & set(path.parts)]


def functions(path: Path) -> list[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        (node.end_lineno - node.lineno + 1, f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]


def main() -> None:
    """Print the tail."""
    every = [path for suffix in (".py", ".ts", ".css", ".html") for path in sources(suffix)]
    lengths = sorted(
        ((len(path.read_text(encoding="utf-8").splitlines()), path) for path in every), reverse=True
    )
    print("Longest files")
    for length, path in lengths[:10]:
        print(f"{length:6} {path.relative_to(ROOT)}")
    print("Longest functions")
    for length, name in sorted((item for path in sources(".py") for item in functions(path)), reverse=True)[
        :10
    ]:
        print(f"{length:6} {name}")


if __name__ == "__main__":
    main()
