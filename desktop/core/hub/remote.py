"""The one door to huggingface_hub: asks for lists and for bytes of files, and translates what goes wrong.

Runs in the hub's own process alone. Of the library it takes addresses, session, errors and the way to stay
offline; not `hf_hub_download`, which throws away what came of a file that broke off: see
packaging/decisions/0087. Writes no file.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from huggingface_hub import HfApi, get_session, hf_hub_url, hf_raise_for_status
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from desktop.core.addresses import is_loopback
from desktop.core.errors import CoreError
from desktop.core.hub.addresses import is_repository
from desktop.core.hub.errors import (
    FileNotOffered,
    HubBusy,
    HubError,
    HubRefused,
    HubStrange,
    HubUnreachable,
    NoModelsOffered,
    Offline,
    RepositoryGated,
    RepositoryNotFound,
)
from desktop.core.hub.protocol import FileAt, Listed, RemotePart
from desktop.core.hub.search_offers import is_part

CONNECT_S = 10.0
ANSWER_S = 20.0
MOST_FILES = 100_000
AGENT = "sobremesa"
TOKEN_VARIABLE = "HF_TOKEN"  # noqa: S105  a variable's name
# the server asks us to come back later
BUSY_STATUSES = (408, 429, 500, 502, 503, 504)


class Transient(Exception):
    """The connection broke or the server was busy: the same request may work in a moment.

    `reached`: whether somebody was there at all. `wait_s`: how long the server asks us to wait.
    """

    def __init__(self, error: HubError, *, reached: bool, wait_s: float = 0.0) -> None:
        super().__init__(str(error))
        self.error = error
        self.reached = reached
        self.wait_s = wait_s


@dataclass(frozen=True)
class Answer:
    """What a server sends for a range of a file: 200, 206 or 416, as a server may ignore the range."""

    status: int
    range: str  # its Content-Range
    length: str  # its Content-Length; "" where it said none
    _response: httpx2.Response
    _translated: Callable[[], AbstractContextManager[None]]

    def pieces(self) -> Iterator[bytes]:
        """The bytes as they come. Raises CoreError, Transient."""
        with self._translated():
            yield from self._response.iter_raw()


class Remote:
    """The hub at one address. Not for several threads."""

    def __init__(self, address: str, host: str, answer_s: float = ANSWER_S) -> None:
        """`host` is what a person is told. The token is the environment's, and is kept nowhere.

        `answer_s`: how long the server may keep silent.
        """
        self._answer_s = answer_s
        self.host = host
        self._address = address.rstrip("/")
        self._headers = {"user-agent": AGENT}
        token = os.environ.get(TOKEN_VARIABLE, "").strip()
        if token:
            self._headers["authorization"] = f"Bearer {token}"
        # token False: never one that another program has stored on this machine
        self._api = HfApi(endpoint=self._address, token=False, headers=self._headers)

    def files(self, repository: str, revision: str, *, folder: bool = False) -> Listed:
        """The GGUF files of a repository at a commit, or what a search model's folder needs.

        Raises CoreError, Transient.
        """
        with self._translated(repository):
            _guard()
            info = self._api.model_info(
                repository, revision=revision or None, files_metadata=True, timeout=self._answer_s
            )
        wanted = is_part if folder else _is_gguf
        try:
            listed = Listed(_repository(info.id), _commit(info.sha), _files(info, wanted), _licence(info))
        except (AttributeError, TypeError, ValueError) as error:
            raise HubStrange(repr(error), host=self.host) from error
        if not listed.files and not folder:
            raise NoModelsOffered(name=repository, host=self.host)
        return listed

    @contextmanager
    def opened(self, file: FileAt, start: int, end: int | None = None) -> Iterator[Answer]:
        """A file's bytes from `start` up to (not with) `end`, streaming. Raises CoreError, Transient.

        What is raised inside passes through as it is.
        """
        repository, name = file.repository, file.part.name
        url = hf_hub_url(repository, name, revision=file.revision, endpoint=self._address)
        # not compressed: bytes are counted and compared as they lie there
        headers = {**self._headers, "accept-encoding": "identity"}
        if start or end is not None:
            headers["range"] = f"bytes={start}-{'' if end is None else end - 1}"
        timeout = httpx2.Timeout(self._answer_s, connect=min(CONNECT_S, self._answer_s))
        with ExitStack() as stack:
            with self._translated(repository, name):
                _guard()
                sent = get_session().stream("GET", url, headers=headers, timeout=timeout)
                response = stack.enter_context(sent)
                if response.status_code != 416:
                    hf_raise_for_status(response)
            yield Answer(
                response.status_code,
                response.headers.get("content-range", ""),
                response.headers.get("content-length", ""),
                response,
                lambda: self._translated(repository, name),
            )

    @contextmanager
    def _translated(self, repository: str, file: str = "") -> Iterator[None]:
        """Foreign errors leave as ours."""
        try:
            yield
        except (CoreError, Transient):
            raise
        except OfflineModeIsEnabled as error:
            raise Offline(str(error)) from error
        except HfHubHTTPError as error:
            raise self._refusal(error, repository, file) from error
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError) as error:
            raise Transient(HubUnreachable(str(error), host=self.host), reached=False) from error
        except (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError) as error:
            raise Transient(HubError(repr(error), host=self.host), reached=True) from error
        except (httpx2.HTTPError, httpx2.InvalidURL, HFValidationError, OSError) as error:
            raise HubStrange(repr(error), host=self.host) from error
        except (TypeError, ValueError, KeyError, AttributeError, RecursionError, MemoryError) as error:
            # the library builds its values from the server's JSON without looking at it, however long it is
            raise HubStrange(repr(error), host=self.host) from error

    def _refusal(self, error: HfHubHTTPError, repository: str, file: str) -> Exception:
        status = error.response.status_code
        what: dict[str, Any] = {"name": repository, "host": self.host}
        detail = str(error)[:1000]
        if isinstance(error, GatedRepoError):
            return RepositoryGated(detail, address=f"{self._address}/{repository}", **what)
        if isinstance(error, RevisionNotFoundError | EntryNotFoundError):
            return FileNotOffered(detail, file=file or repository, **what)
        if isinstance(error, RepositoryNotFoundError) or status == 404:
            return RepositoryNotFound(detail, **what)
        if status in BUSY_STATUSES:
            busy = HubBusy(f"{status}: {detail}", host=self.host)
            return Transient(busy, reached=True, wait_s=_wait_s(error.response))
        return HubRefused(detail, status=status, **what)


def _guard() -> None:
    """Have every request of the library's session, redirected ones too, refuse what is not encrypted."""
    session = get_session()
    hooks = session.event_hooks
    if _refuse_plain not in hooks["request"]:
        hooks["request"].append(_refuse_plain)
        session.event_hooks = hooks


def _refuse_plain(request: httpx2.Request) -> None:
    if request.url.scheme != "https" and not is_loopback(request.url.host):
        raise HubStrange(f"sent on to {request.url}", host=request.url.host)


def _is_gguf(name: str) -> bool:
    return name.lower().endswith(".gguf")


def _files(info: Any, wanted: Callable[[str], bool]) -> tuple[RemotePart, ...]:
    found = []
    for sibling in (info.siblings or [])[:MOST_FILES]:
        name, size = str(sibling.rfilename), sibling.size
        if wanted(name) and isinstance(size, int) and size >= 0:
            lfs = sibling.lfs
            found.append(
                RemotePart(
                    name,
                    int(lfs.size) if lfs is not None else size,
                    _digest(lfs.sha256, 64) if lfs is not None else "",
                    "" if lfs is not None else _digest(sibling.blob_id, 40),
                )
            )
    return tuple(found)


def _digest(text: object, length: int) -> str:
    """Raises ValueError: without a checksum nothing is downloaded."""
    digest = str(text).lower()
    if len(digest) != length or not set(digest) <= set("0123456789abcdef"):
        raise ValueError(f"no checksum: {digest[:80]}")
    return digest


def _repository(name: object) -> str:
    if not isinstance(name, str) or not is_repository(name):
        raise ValueError(f"no repository: {str(name)[:80]}")
    return name


def _commit(sha: object) -> str:
    if not isinstance(sha, str) or not sha.isalnum():
        raise ValueError(f"no commit: {str(sha)[:80]}")
    return sha


def _licence(info: Any) -> str:
    for tag in info.tags or []:
        if isinstance(tag, str) and tag.startswith("license:"):
            return tag.removeprefix("license:")[:200]
    named = getattr(info.card_data, "license", None)
    return named[:200] if isinstance(named, str) else ""


def _wait_s(response: httpx2.Response) -> float:
    """What the server asks for in seconds; a date counts as nothing asked."""
    text = response.headers.get("retry-after", "").strip()
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0.0
