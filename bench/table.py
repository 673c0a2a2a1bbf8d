"""Rows of the printed table and of `bench/out/results.json`, so that two runs can be compared."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

OUT = Path(__file__).parent / "out"


@dataclass(frozen=True)
class Row:
    """One figure. `limit` is our aim; `peer` what others reach; `command` remakes it alone."""

    name: str
    value: float
    unit: str
    limit: str = ""
    peer: str = ""
    command: str = ""


def show(row: Row) -> None:
    """Print one row as soon as it is known."""
    value = f"{row.value:,.0f}" if abs(row.value) >= 100 else f"{row.value:,.2f}"
    print(f"{row.name:62} {value:>12} {row.unit:10} {row.limit:24} {row.peer}", flush=True)


def save(rows: list[Row]) -> Path:
    """Write all rows; rows of an earlier run with other names stay."""
    OUT.mkdir(exist_ok=True)
    path = OUT / "results.json"
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    fresh = {row.name for row in rows}
    kept = [row for row in before if row["name"] not in fresh]
    path.write_text(
        json.dumps([*kept, *(asdict(row) for row in rows)], indent=1, ensure_ascii=False), encoding="utf-8"
    )
    return path
