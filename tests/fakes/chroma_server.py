"""A real Chroma server on this machine, and a gate before it that asks for a token or behaves badly."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal, Self

START_S = 60.0
HOST = "127.0.0.1"
TOKEN = "open-sesame-7"  # noqa: S105

Mood = Literal["kind", "old", "html", "dropping", "failing"]


class ChromaServer:
    """`chroma run` over a folder, on a port of its own. Can be stopped, and started again where it was."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        program = Path(sys.executable).with_name("chroma")
        command = [str(program), "run", "--path", str(self._folder), "--host", HOST, "--port", str(self.port)]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, "ANONYMIZED_TELEMETRY": "False"}
            )
        latest = time.monotonic() + START_S
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "server.log").read_text("utf-8", "replace")
            assert time.monotonic() < latest, "the server did not start"
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def text(self) -> bytes:
        """All that its files hold."""
        return b"".join(path.read_bytes() for path in self._folder.rglob("*") if path.is_file())

    def _answers(self) -> bool:
        try:
            connection = http.client.HTTPConnection(HOST, self.port, timeout=2)
            connection.request("GET", "/api/v2/heartbeat")
            return connection.getresponse().status == 200
        except OSError:
            return False


class Gate:
    """Lets requests with the token through to a server. `mood`: what it does instead; `after` so many that
    change something."""

    def __init__(self, server: ChromaServer, token: str = "") -> None:
        self.mood: Mood = "kind"
        self.after = 0
        self.seen: list[str] = []  # paths
        self.headers: list[dict[str, str]] = []
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                gate.seen.append(self.path)
                gate.headers.append(dict(self.headers))
                if token and self.headers.get("Authorization") != f"Bearer {token}":
                    self._say(401, b'{"error":"Unauthorized","message":"who are you?"}')
                    return
                if gate.mood == "html":
                    self._say(200, b"<html>a router</html>")
                    return
                if gate.mood == "old" and self.path.endswith("/version"):
                    self._say(200, b'"0.5.20"')
                    return
                if gate.mood in ("dropping", "failing") and self.path.endswith(("/upsert", "/query")):
                    if gate.after <= 0:
                        if gate.mood == "failing":
                            self._say(500, b'{"error":"InternalError","message":"no disk"}')
                        else:
                            self.close_connection = True
                            self.connection.shutdown(socket.SHUT_RDWR)
                        return
                    gate.after -= 1
                self._forward(body)

            def _forward(self, body: bytes) -> None:
                try:
                    onward = http.client.HTTPConnection(HOST, server.port, timeout=30)
                    onward.request(self.command, self.path, body, {"Content-Type": "application/json"})
                    answer = onward.getresponse()
                    self._say(answer.status, answer.read())
                    onward.close()
                except OSError:
                    self._say(502, b"bad gateway")

            def _say(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _pass  # noqa: N815

        self._http = ThreadingHTTPServer((HOST, 0), Handler)
        self._http.daemon_threads = True
        self.port = int(self._http.server_address[1])
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
