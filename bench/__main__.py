"""Runs the benchmarks named on the command line, or all of them, each in a process of its own."""

import importlib
import subprocess
import sys

from bench.table import OUT

EVERY = ["submissions", "ledger", "sweep", "page", "sealing", "backup", "people", "processes", "failover"]


def main() -> int:
    """0 if every benchmark ran; figures are compared with their limits by the reader, not by an exit status."""
    names = sys.argv[1:] or EVERY
    if len(names) == 1:
        importlib.import_module(f"bench.{names[0]}").main()
        return 0
    print(f"{'what':62} {'value':>12} {'unit':10} {'aim':24} peers", flush=True)
    failed = [
        name
        for name in names
        if subprocess.run([sys.executable, "-m", "bench", name], check=False).returncode
    ]
    print(f"written to {OUT / 'results.json'}" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
