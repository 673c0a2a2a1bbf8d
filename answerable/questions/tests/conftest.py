from answerable.conftest import *  # noqa: F403
