"""age around an archive, as a stream: sealed to public keys, opened by an identity that never lies on the server."""

import contextlib
import getpass
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyrage

from answerable.archive.errors import ArchiveError, CutFile, NoKey, WrongKey, WrongPassword

HEADER = b"age-encryption.org/v1\n"


class Writer(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> object: ...


class Reader(Protocol):
    """Where bytes come from."""

    def read(self, size: int = -1, /) -> bytes: ...


def recipients_of(text: str) -> list[Any]:
    """The recipients in a list by commas or white space, or in a file of that name. Raises NoKey."""
    if "AGE-SECRET-KEY" in text.upper():
        raise NoKey("this is a private key: the server gets only the public one (age1…)")
    if text and "age1" not in text:
        path = Path(text)
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise NoKey(f"the file of recipients can't be read: {text}") from error
        text = " ".join(line for line in lines if not line.lstrip().startswith("#"))
    found = [_recipient(each) for each in text.replace(",", " ").split()]
    if not found:
        raise NoKey("no recipient is set: give an age public key (age1…), of a key that is kept elsewhere")
    return found


def _recipient(text: str) -> Any:
    if "AGE-SECRET-KEY" in text.upper():
        raise NoKey("the file of recipients holds a private key: the server gets only public ones (age1…)")
    kind = pyrage.tagpq.Recipient if text.startswith("age1tagpq1") else pyrage.x25519.Recipient
    try:
        return kind.from_str(text)
    except pyrage.RecipientError as error:
        raise NoKey("a recipient is not an age public key (age1…)") from error


def identities_of(path: Path, password: Callable[[], str] | None = None) -> list[Any]:
    """The private keys in a file as `age-keygen` writes it, plain or locked by a password.

    Raises NoKey, WrongPassword.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NoKey(f"the key file can't be read: {path}") from error
    if data.startswith(HEADER):
        try:
            data = pyrage.passphrase.decrypt(data, (password or asked_password)())
        except pyrage.DecryptError as error:
            raise WrongPassword(f"this password does not open the key file {path.name}") from error
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines()]
    keys = [line for line in lines if line.startswith("AGE-SECRET-KEY-")]
    try:
        found = [pyrage.x25519.Identity.from_str(key) for key in keys]
    except pyrage.IdentityError as error:
        raise NoKey(f"the key in {path.name} is not whole") from error
    if not found:
        raise NoKey(f"{path.name} holds no age private key (AGE-SECRET-KEY-…)")
    return found


def asked_password() -> str:
    """From the environment, or from the person at the terminal."""
    return os.environ.get("ANSWERABLE_IDENTITY_PASSWORD") or getpass.getpass("Password of the key file: ")


def make_identity(path: Path, password: str | None = None) -> str:
    """Write a new private key to a new file, readable by its owner alone; returns the public key. Raises ArchiveError."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    text = f"# public key: {public}\n{identity}\n".encode("ascii")
    data = pyrage.passphrase.encrypt(text, password) if password else text
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ArchiveError(f"{path} can't be made, or is there already") from error
    with os.fdopen(handle, "wb") as out:
        out.write(data)
    return public


class _Pulled:
    """A reader of what an iterator of blocks gives."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._rest = memoryview(b"")
        self.trouble: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            while not self._rest:
                self._rest = memoryview(next(self._blocks))
        except StopIteration:
            return b""
        except BaseException as error:
            self.trouble = error  # pyrage tells only its words
            raise
        part, self._rest = self._rest[:size], self._rest[size:]
        return bytes(part)


def seal(blocks: Iterable[bytes], out: Writer, recipients: Sequence[Any]) -> None:
    """Encrypt the blocks to all recipients, as they come. What the blocks or `out` raise comes out as it is."""
    source = _Pulled(blocks)
    with _own_errors(lambda: source.trouble):
        try:
            pyrage.encrypt_io(source, out, list(recipients))
        except pyrage.EncryptError as error:
            raise ArchiveError("the archive could not be encrypted") from error


@contextlib.contextmanager
def _own_errors(trouble: Callable[[], BaseException | None]) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        found = trouble()
        if found is not None and found is not error:
            raise found from None
        raise


class _Fed:
    """A reader that remembers what went wrong in it, and that it ended."""

    def __init__(self, source: Reader) -> None:
        self._source = source
        self.trouble: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return self._source.read(size)
        except BaseException as error:
            self.trouble = error
            raise


class _Taken:
    """A writer that remembers what went wrong in it."""

    def __init__(self, out: Writer) -> None:
        self._out = out
        self.trouble: BaseException | None = None

    def write(self, data: bytes) -> int:
        if self.trouble is not None:
            raise self.trouble  # pyrage may try again
        try:
            self._out.write(data)
        except BaseException as error:
            self.trouble = error
            raise
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""


def unseal(source: Reader, out: Writer, identities: Sequence[Any]) -> None:
    """Decrypt to `out`. Raises WrongKey, or CutFile, the latter maybe after much was written."""
    fed, taken = _Fed(source), _Taken(out)
    with _own_errors(lambda: taken.trouble or fed.trouble):
        try:
            pyrage.decrypt_io(fed, taken, list(identities))
        except pyrage.DecryptError as error:
            if "matching key" in str(error):
                raise WrongKey("the file is sealed to another key than this one") from error
            raise CutFile("this is not a whole age file: it is cut, or something else") from error
        except OSError as error:
            raise CutFile(
                "the file is cut short or was changed on the way: it does not decrypt whole"
            ) from error


def scratch_name(prefix: str) -> str:
    """A new name for something that is removed again."""
    return f"{prefix}-{os.getpid()}-{secrets.token_hex(4)}"
