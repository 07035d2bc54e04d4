"""A hub of models on the loopback interface: the paths that huggingface_hub asks, and every way to misbehave.

Large files are served as the real hub does: `resolve` sends on to a second server, which knows ranges.
Keeps what was asked of it.
"""

import contextlib
import hashlib
import json
import re
import socket
import threading
import time
import zlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34
_INFO = re.compile(r"/api/models/(?P<id>[^/]+/[^/]+)(?:/revision/(?P<revision>[^/]+))?")
_FILE = re.compile(r"/(?P<id>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<name>.+)")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass
class Asked:
    """One request, as it came."""

    server: str  # "hub" or "cdn"
    method: str
    path: str
    headers: dict[str, str]

    @property
    def start(self) -> int:
        """Where the wanted range begins."""
        found = _RANGE.fullmatch(self.headers.get("range", ""))
        return int(found[1]) if found else 0


@dataclass
class Manners:
    """How the hub behaves; each may be changed at any time."""

    statuses: list[int] = field(
        default_factory=list
    )  # of the next answers for files, instead of the real ones
    info_statuses: list[int] = field(default_factory=list)  # of the next answers for lists
    retry_after: str = ""
    error_code: str = ""  # X-Error-Code of refusals
    break_after: list[int] = field(default_factory=list)  # bytes after which the next answers break off
    pause_at: int | None = None  # bytes after which answers wait for `go_on`
    pace_s: float = 0.0  # between two pieces
    ignores_ranges: bool = False
    shifts_range: int = 0  # what stands in Content-Range is off by this
    announces: int = 0  # added to every Content-Length
    says_size: int = 0  # added to each file's size in lists
    flips: bool = False  # the bytes that come are others
    without_length: bool = False
    info_body: bytes | None = None  # instead of a list
    endless_info: bool = False  # a list that never ends, and takes little to send
    sends_to: str = ""  # where `resolve` sends on to, instead of the second server
    silent: bool = False  # takes the connection and says nothing
    plain: bool = False  # no second server: `resolve` answers with the file


class HubServer:
    """`with HubServer() as hub:`; `hub.put(...)` offers a file, `hub.address` is where it listens."""

    def __init__(self) -> None:
        self.manners = Manners()
        self.asked: list[Asked] = []
        self.go_on = threading.Event()
        self.paused = threading.Event()  # an answer waits at `pause_at`
        self.licence = "apache-2.0"
        self.revision = COMMIT
        self.forgotten: set[str] = set()  # commits that are no longer there
        self.connections = 0
        self._files: dict[str, dict[str, dict[str, bytes]]] = {}  # id: commit: name: bytes
        self._small: set[str] = set()
        self._digests: dict[int, tuple[str, str]] = {}  # SHA-256 and Git's, by the bytes' identity
        self._servers = [self._server("hub"), self._server("cdn")]

    def put(self, repository: str, name: str, data: bytes, *, small: bool = False) -> bytes:
        """Offer a file at the present revision. `small`: Git keeps it itself, without LFS."""
        self._files.setdefault(repository, {}).setdefault(self.revision, {})[name] = data
        git = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        self._digests[id(data)] = hashlib.sha256(data).hexdigest(), git
        if small:
            self._small.add(name)
        return data

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._servers[0].server_address[1]}"

    @property
    def files_asked(self) -> list[Asked]:
        """Requests for bytes of files, at the place where they are served."""
        return [one for one in self.asked if one.server == "cdn"]

    def __enter__(self) -> Self:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.go_on.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def _server(self, name: str) -> ThreadingHTTPServer:
        hub = self

        class Handler(_Handler):
            pass

        Handler.hub, Handler.name = hub, name
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        return server

    # ── what it knows ──

    def info(self, repository: str, revision: str | None) -> dict[str, Any] | None:
        commits = self._files.get(repository)
        commit = self.revision if revision in (None, "main") else str(revision)
        if commits is None or commit not in commits or commit in self.forgotten:
            return None
        return {
            "id": repository,
            "modelId": repository,
            "sha": commit,
            "private": False,
            "gated": False,
            "downloads": 3,
            "likes": 1,
            "tags": ["gguf", f"license:{self.licence}"],
            "siblings": [self._sibling(name, data) for name, data in sorted(commits[commit].items())],
        }

    def _sibling(self, name: str, data: bytes) -> dict[str, Any]:
        size = len(data) + self.manners.says_size
        sha256, git = self._digests[id(data)]
        found: dict[str, Any] = {"rfilename": name, "size": size, "blobId": git}
        if name not in self._small:
            found["lfs"] = {"sha256": sha256, "size": size, "pointerSize": 134}
        return found

    def file(self, repository: str, revision: str, name: str) -> bytes | None:
        commit = self.revision if revision == "main" else revision
        if commit in self.forgotten:
            return None
        return self._files.get(repository, {}).get(commit, {}).get(name)

    @property
    def cdn(self) -> str:
        return f"http://127.0.0.1:{self._servers[1].server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    hub: HubServer
    name: str
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        self.hub.connections += 1
        super().setup()

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        hub = self.hub
        headers = {key.lower(): value for key, value in self.headers.items()}
        hub.asked.append(Asked(self.name, self.command, self.path, headers))
        if hub.manners.silent:
            hub.go_on.wait(60)
            self.close_connection = True
            return
        path = urlsplit(self.path).path
        if self.name == "hub" and (found := _INFO.fullmatch(path)):
            self._info(unquote(found["id"]), found["revision"])
        elif found := _FILE.fullmatch(path):
            self._file(found["id"], unquote(found["revision"]), unquote(found["name"]))
        else:
            self._refuse(404, "EntryNotFound")

    def _info(self, repository: str, revision: str | None) -> None:
        manners = self.hub.manners
        if manners.info_statuses:
            self._refuse(manners.info_statuses.pop(0), manners.error_code)
            return
        if manners.info_body is not None:
            self._send(200, manners.info_body)
            return
        if manners.endless_info:
            self._endless()
            return
        info = self.hub.info(repository, revision and unquote(revision))
        if info is not None:
            self._send(200, json.dumps(info).encode())
        elif repository in self.hub._files:
            self._refuse(404, "RevisionNotFound")
        else:
            self._refuse(401, "RepoNotFound")

    def _file(self, repository: str, revision: str, name: str) -> None:
        manners, data = self.hub.manners, self.hub.file(repository, revision, name)
        if manners.statuses:
            status = manners.statuses.pop(0)
            if status != 200:
                self._refuse(status, manners.error_code)
                return
        if data is None:
            self._refuse(404, "RevisionNotFound" if revision in self.hub.forgotten else "EntryNotFound")
        elif self.name == "hub" and not manners.plain:
            self.send_response(302)
            self.send_header("Location", (manners.sends_to or self.hub.cdn) + self.path)
            self.send_header("X-Repo-Commit", revision)
            self.send_header("X-Linked-Size", str(len(data)))
            self.send_header("X-Linked-Etag", f'"{self.hub._digests[id(data)][0]}"')
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._bytes(data)

    def _bytes(self, data: bytes) -> None:
        manners = self.hub.manners
        found = _RANGE.fullmatch(self.headers.get("Range", ""))
        start, end = 0, len(data)
        if found and not manners.ignores_ranges:
            start, end = int(found[1]), int(found[2]) + 1 if found[2] else len(data)
            if start >= len(data):
                self._send(416, b"", {"Content-Range": f"bytes */{len(data)}"})
                return
            end = min(end, len(data))
            self.send_response(206)
            shift = manners.shifts_range
            self.send_header("Content-Range", f"bytes {start + shift}-{end - 1 + shift}/{len(data)}")
        else:
            self.send_response(200)
        if manners.without_length:
            self.send_header("Connection", "close")
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(end - start + manners.announces))
        self.end_headers()
        if self.command == "GET":
            self._body(data[start:end], start)

    def _body(self, data: bytes, start: int) -> None:
        manners, hub = self.hub.manners, self.hub
        if manners.flips:
            data = bytes(byte ^ 1 for byte in data)
        limit = manners.break_after.pop(0) if manners.break_after else None
        sent = 0
        piece = 4096 if manners.pace_s or manners.pause_at is not None else 1 << 16
        while sent < len(data):
            if limit is not None and sent >= limit:
                self._break()
                return
            if manners.pause_at is not None and start + sent >= manners.pause_at:
                hub.paused.set()
                hub.go_on.wait(60)
            try:
                self.wfile.write(data[sent : sent + piece if limit is None else min(sent + piece, limit)])
            except OSError:  # the other side has gone
                self.close_connection = True
                return
            sent += piece if limit is None else min(piece, limit - sent)
            time.sleep(manners.pace_s)

    def _endless(self) -> None:
        """Zeros for as long as somebody takes them, packed a thousandfold."""
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        packer = zlib.compressobj(wbits=31)
        first = packer.compress(bytes(1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
        again = packer.compress(bytes(1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)  # and again and again
        with contextlib.suppress(OSError):
            self.wfile.write(first)
            while not self.hub.go_on.is_set():
                self.wfile.write(again)

    def _break(self) -> None:
        """End the connection in the middle, as a cut cable does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()

    def _refuse(self, status: int, code: str) -> None:
        headers = {"X-Error-Code": code} if code else {}
        if self.hub.manners.retry_after:
            headers["Retry-After"] = self.hub.manners.retry_after
        self._send(status, json.dumps({"error": "as told"}).encode(), headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            with contextlib.suppress(OSError):  # the other side has gone
                self.wfile.write(body)
