"""Reach a Chroma server, and say in our own errors why not. Holds no collection.

Source: Chroma's HTTP interface, /api/v2. A token is asked for by a proxy in front of the server, in either of
the headers that Chroma's own client knows.
"""

import http.client
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rag.errors import RagError, ServerCertificate, ServerDown, ServerError, ServerRefused, ServerStrange
from rag.index.chroma import connected
from rag.server_values import UseServer

KNOCK_LIMIT_S = 5.0
_SPOKEN = "1"  # major version of what is spoken
_MOST_BYTES = 10_000
_REFUSALS = frozenset({401, 403, 407})


def connect(server: UseServer, limit_s: float) -> Any:
    """Chroma's client of a server that is there and speaks as we do. Raises a ServerError."""
    _knock(server)
    with told(server):
        return connected(server.host, server.port, server.tls, server.token, limit_s)


@contextmanager
def told(server: UseServer) -> Iterator[None]:
    """What Chroma's client raises, as one of our errors."""
    try:
        yield
    except RagError:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        # Chroma raises plain Exceptions, its HTTP library others
        raise _translated(error, server) from error


def _knock(server: UseServer) -> None:
    """Look whether a Chroma server answers, within a few seconds."""
    connection: http.client.HTTPConnection
    if server.tls:
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            server.host, server.port, timeout=KNOCK_LIMIT_S, context=context
        )
    else:
        connection = http.client.HTTPConnection(server.host, server.port, timeout=KNOCK_LIMIT_S)
    headers = (
        {"Authorization": f"Bearer {server.token}", "X-Chroma-Token": server.token} if server.token else {}
    )
    try:
        connection.request("GET", "/api/v2/version", headers=headers)
        answer = connection.getresponse()
        body = answer.read(_MOST_BYTES).decode("utf-8", "replace")
        status = answer.status
    except ssl.SSLError as error:
        raise ServerCertificate(str(error), **_where(server)) from error
    except (http.client.BadStatusLine, http.client.LineTooLong) as error:
        raise ServerStrange(repr(error), found="", **_where(server)) from error
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise ServerDown(repr(error), **_where(server)) from error
    finally:
        connection.close()
    if status in _REFUSALS:
        raise ServerRefused(body[:200], **_where(server))
    if status >= 500:
        raise ServerError(body[:200], **_where(server))
    version = _version(body) if status == 200 else ""
    if version.partition(".")[0] != _SPOKEN:
        raise ServerStrange(f"{status} {body[:200]}", found=version[:40], **_where(server))


def _version(body: str) -> str:
    try:
        version = json.loads(body)
    except ValueError:
        return ""
    return version if isinstance(version, str) else ""


def _translated(error: BaseException, server: UseServer) -> ServerError:
    import httpx  # Chroma's own way to the network

    if isinstance(error, httpx.ConnectError | httpx.TimeoutException):
        return ServerDown(repr(error), **_where(server))
    response = getattr(error.__context__, "response", None)
    if getattr(response, "status_code", 0) in _REFUSALS:
        return ServerRefused(repr(error), **_where(server))
    return ServerError(repr(error), **_where(server))


def _where(server: UseServer) -> dict[str, Any]:
    return {"host": server.host, "port": str(server.port)}  # no number with marks in it
