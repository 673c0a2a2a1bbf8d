"""Benchmarks that anyone can run: `make bench`, or `python -m bench submissions ledger …` for some."""
