"""`python -m answerable.organisation.directory.child`: the process of its own of `aside`; an order on stdin, JSON on stdout."""

import json
import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answerable.server.settings")
    django.setup()
    from answerable.organisation.directory import aside

    json.dump(aside.run(sys.stdin.buffer), sys.stdout)


if __name__ == "__main__":
    main()
