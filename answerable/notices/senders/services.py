"""What the services have in common: how an HTTP answer that holds no verdict of its own is read."""

from collections.abc import Collection

from answerable.notices.senders.outcome import Outcome, Refused, Taken, Unsure
from answerable.notices.senders.wire import Answer

__all__ = ["by_code", "by_status", "number"]


def by_status(answer: Answer) -> Outcome | None:
    """The verdict of the status, None if it is 200 to 299 and the body must say."""
    status = answer.status
    if 200 <= status < 300:
        return None
    if status in {502, 504}:  # a gateway gave up waiting: behind it, the service may have gone on
        return Unsure(str(status))
    if 300 <= status < 400:
        return Refused("redirect", again=False)
    return Refused(str(status), again=status in {408, 425, 429} or status >= 500)


def number(value: object) -> int | None:
    """A whole number, as services write error codes; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def by_code(found: object, answer: Answer, *, later: Collection[int]) -> Outcome:
    """The verdict of a service whose body decides: only code 0 is taken; `later` are those to be tried again."""
    code = number(found)
    if code is None:
        return by_status(answer) or Refused("no-code", again=True)
    return Taken() if code == 0 and answer.status == 200 else Refused(str(code), again=code in later)
