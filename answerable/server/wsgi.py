"""What granian serves: the guards, then the log's own check, then the keeper, then the site."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answerable.server.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from answerable.server import guards

os.umask(0o077)  # whatever is made under the data folder is ours alone
guards.die_with_parent()
if settings.DATABASE == "sqlite":
    try:
        guards.serve_alone(settings.ANSWERABLE_DATA)
    except guards.AlreadyServing as error:
        print(error, file=sys.stderr)  # noqa: T201 - before logging is set up
        sys.exit(1)

_django = get_wsgi_application()

from multiprocessing import util

from answerable.ledger import sequencer
from answerable.server import keeper, metrics
from answerable.server.front import front

application = front(_django)
_stop = keeper.start()
if settings.METRICS_LISTEN:
    metrics.listen(settings.METRICS_LISTEN)


def _end() -> None:
    """After the last request was answered: write what still waits, and let the keeper finish its round."""
    sequencer.stop()
    keeper.end(_stop, seconds=10)


# `atexit` does not run in a worker; this does, once granian has let the requests in flight go.
util.Finalize(None, _end, exitpriority=10)
