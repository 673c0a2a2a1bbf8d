"""A small closed-loop HTTP/1.1 load generator: n keep-alive connections in one thread, each sends when it was answered."""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile


@dataclass
class Result:
    """Seconds a request took (answers with an expected status only), and the other statuses that came."""

    seconds: list[float] = field(default_factory=list)
    others: dict[int, int] = field(default_factory=dict)
    duration: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.duration if self.duration else 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds below which this share of the answers came."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.received = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def answer(self) -> int | None:
        """The status once the whole answer is there."""
        self.received += self.socket.recv(65536)
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return None
        length = next(
            (
                line.split(b":")[1]
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            ),
            b"0",
        )
        return int(head.split(b" ", 2)[1]) if len(body) >= int(length) else None


def run(
    port: int,
    requests: Sequence[bytes],
    clients: int,
    expected: frozenset[int] = frozenset({200, 201}),
    seconds: float = float("inf"),
) -> Result:
    """Send every request once over `clients` connections, but none later than after `seconds`."""
    result = Result()
    selector = selectors.DefaultSelector()
    start = time.perf_counter()
    waiting: Iterator[bytes] = takewhile(lambda _: time.perf_counter() < start + seconds, iter(requests))
    for _ in range(clients):
        connection = _Connection(port)
        first = next(waiting, None)
        if first is not None:
            connection.send(first)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
    while selector.get_map():
        for key, _ in selector.select():
            connection = key.data
            status = connection.answer()
            if status is None:
                continue
            if status in expected:
                result.seconds.append(time.perf_counter() - connection.sent_at)
            else:
                result.others[status] = result.others.get(status, 0) + 1
            following = next(waiting, None)
            if following is None:
                selector.unregister(connection.socket)
                connection.socket.close()
            else:
                connection.send(following)
    result.duration = time.perf_counter() - start
    return result
