"""The one road that goes past Django's middleware: a sealed report on its way in.

A report needs no session, no language and no page, and a thousand of them may come in a second; the same checks and
the same action stand behind the Django view, which answers whenever this road does not apply.
"""

from collections.abc import Callable, Iterable
from typing import Any

from answerable.intake import fast

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def front(django: Application) -> Application:
    """Try the fast road first, then the site."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = fast.handle(environ, start_response)
        return django(environ, start_response) if answer is None else answer

    return application
