"""`python -m answerable` is the command `answerable`."""

import sys

from answerable.cli import main

sys.exit(main())
