"""Points of edwards25519, slow and plain, to make signatures that libraries disagree on (RFC 8032, 5.1)."""

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]


def add(p: Point, q: Point) -> Point:
    """The sum of two points."""
    (x1, y1), (x2, y2) = p, q
    product = D * x1 * x2 * y1 * y2
    return (
        (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P,
    )


def multiply(n: int, point: Point) -> Point:
    """`n` times a point."""
    total = (0, 1)
    while n:
        if n & 1:
            total = add(total, point)
        point = add(point, point)
        n >>= 1
    return total


def encode(point: Point) -> bytes:
    """The 32 bytes of a point."""
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(data: bytes) -> Point:
    """The point of 32 canonical bytes. Raises ValueError if there is none."""
    whole = int.from_bytes(data, "little")
    y = whole & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square:
        raise ValueError("not on the curve")
    return (P - x if x & 1 != whole >> 255 else x, y)


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def _small() -> list[Point]:
    y = 2
    while True:
        try:
            generator = multiply(L, decode(y.to_bytes(32, "little")))
        except ValueError:
            generator = (0, 1)
        if multiply(4, generator) != (0, 1):
            return [multiply(n, generator) for n in range(8)]
        y += 1


SMALL = _small()
"""The eight points of small order: the last has order 8."""
