"""A Chroma server behind TLS with a certificate of its own: refused until the machine trusts it."""

import http.server
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.errors import Reported
from desktop.words import hint, sentence
from rag.errors import ServerCertificate, ServerRefused
from rag.server.connection import connect
from rag.server_values import UseServer

pytestmark = [
    pytest.mark.loopback,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with"),
]


class Gate(http.server.BaseHTTPRequestHandler):
    """Whoever gets through the door is turned away politely: only the door is of interest."""

    def do_GET(self) -> None:
        self.send_response(403)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    words = "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out own.pem -days 2"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*words.split(), *names], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path / "own.pem"


@pytest.fixture
def port(certificate: Path) -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.parent / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_a_certificate_that_nobody_vouches_for_is_refused_in_plain_words(port: int) -> None:
    with pytest.raises(ServerCertificate) as refused:
        connect(UseServer("127.0.0.1", port, tls=True), 10.0)
    problem = Reported.of(refused.value).problem()
    assert sentence(problem)
    assert "certificate" in sentence(problem) + hint(problem)


def test_one_that_the_machine_trusts_opens_the_door(
    port: int, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(ServerRefused):  # by the server itself, behind the door
        connect(UseServer("127.0.0.1", port, tls=True), 10.0)
