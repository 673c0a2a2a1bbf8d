from answerable.intake.tests.fixtures import *  # noqa: F403
