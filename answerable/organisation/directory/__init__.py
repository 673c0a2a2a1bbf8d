"""People from a file: read (CSV, XLSX), check, plan what would change, apply. See docs/for-operators.md, "People from a file".

`columns`, `faults`, `reading` (with `encoding`, `delimited`, `xlsx`), `checking` and `planning` are pure: no Django, no
database, no clock. `state` reads the database, `applying` writes it, `plans` is what administrators do,
by `aside` (with `child`) in a process of its own where it is large.
"""
