"""Stand-ins on this machine for the services that notices speak to: they answer what they are told to."""

import datetime
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Service:
    """`answers`: (status, body) in order, the last one stays. `asked`: (path, headers, body) of each request."""

    url: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=lambda: [(200, b"ok")])
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    pause: threading.Event | None = None

    def say(self, status: int, body: Any) -> None:
        """What to answer from now on."""
        self.answers = [(status, body if isinstance(body, bytes) else json.dumps(body).encode())]

    def heard(self) -> list[Any]:
        """The JSON of each request."""
        return [json.loads(body) for _, _, body in self.asked]


@contextmanager
def service(tls: ssl.SSLContext | None = None) -> Iterator[Service]:
    """An HTTP server on 127.0.0.1."""
    here = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            here.asked.append((self.path, dict(self.headers), body))
            if here.pause is not None:
                here.pause.wait(5)
            status, said = here.answers.pop(0) if len(here.answers) > 1 else here.answers[0]
            try:
                self.send_response(status)
                for name, value in here.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)
            except OSError:
                pass

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    here.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/"
    try:
        yield here
    finally:
        if here.pause is not None:
            here.pause.set()
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Authority:
    """A certificate authority of one certificate, for localhost: its PEM, and a server's context."""

    pem: str
    context: ssl.SSLContext


def authority(folder: Path, name: str = "localhost") -> Authority:
    """A new one. `name`: whom the certificate is for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(name)]
                + ([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))] if name == "localhost" else [])
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both = folder / f"{name}.pem"
    both.write_bytes(pem + secret)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(both)
    return Authority(pem.decode(), context)
