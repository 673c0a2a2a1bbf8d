"""Pure decisions of the inbox: what is owed next, and whether the reporter waits for words."""

from collections.abc import Sequence
from typing import Final

from answerable.promises.queries import PromiseState

PAGE: Final = 50
PAGE_BYTES: Final = 8 * 1024 * 1024


def next_due(promises: Sequence[PromiseState]) -> PromiseState | None:
    """The promise that is due first, of those neither kept nor missed."""
    return min((each for each in promises if each.state == "due"), key=lambda each: each.due, default=None)


def missed(promises: Sequence[PromiseState]) -> list[str]:
    """The promises that were missed and are still open."""
    return [each.id for each in promises if each.state == "missed"]


def rung(promises: Sequence[PromiseState]) -> int:
    """The highest rung that was told of a miss."""
    return max((each.rung or 0 for each in promises), default=0)


def unanswered(authors: Sequence[str], reporter: str) -> bool:
    """Whether the last word is the reporter's: nobody wrote yet, or she wrote last. `authors` in order of time."""
    return not authors or authors[-1] == reporter


def fits(sizes: Sequence[int], most: int = PAGE_BYTES) -> int:
    """How many of these go on one page: as many as `most` bytes hold, and always the first."""
    total = count = 0
    for size in sizes:
        total += size
        if count and total > most:
            break
        count += 1
    return count
