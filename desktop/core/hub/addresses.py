"""What a person may write for a repository of the hub: its name, its address, the address of a file in it."""

import re
from urllib.parse import unquote, urlsplit

import msgspec

from desktop.core.hub.errors import BadRepository

# https://huggingface.co/docs/huggingface_hub/package_reference/utilities#huggingface_hub.utils.validate_repo_id
_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]{0,94}[A-Za-z0-9_])?", re.ASCII)
_SHORT_HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
_PATHS_TO_FILES = ("resolve", "blob", "raw", "tree")
MOST_CHARACTERS = 2000


class Wanted(msgspec.Struct, frozen=True):
    """A repository; `file` and `revision` are "" where the address named none."""

    repository: str
    file: str = ""
    revision: str = ""


def wanted_of(text: str, hub_address: str) -> Wanted:
    """What `text` means: "owner/name", or an address at the hub or its usual names. Raises BadRepository."""
    host = urlsplit(hub_address).netloc
    refusal = BadRepository(name=text[:MOST_CHARACTERS], host=host)
    text = text.strip()
    if len(text) > MOST_CHARACTERS or not text.isprintable():
        raise refusal
    steps = _steps(text, hub_address)
    if steps is None or not is_repository("/".join(steps[:2])):
        raise refusal
    repository, rest = "/".join(steps[:2]), steps[2:]
    if not rest:
        return Wanted(repository)
    if rest[0] not in _PATHS_TO_FILES or len(rest) < 2:
        raise refusal
    # a page of the newest state names the branch, which a download pins by itself
    revision = "" if rest[1] == "main" else rest[1]
    return Wanted(repository, "" if rest[0] == "tree" else "/".join(rest[2:]), revision)


def is_repository(text: str) -> bool:
    """Whether `text` can be a repository's name, "owner/name"."""
    steps = text.split("/")
    return (
        len(steps) == 2
        and all(_NAME.fullmatch(step) and "--" not in step for step in steps)
        and ".." not in text
    )


def host_of(hub_address: str) -> str:
    """The hub as a person knows it."""
    return urlsplit(hub_address).netloc


def _steps(text: str, hub_address: str) -> list[str] | None:
    """The path's steps; None where the address is of somebody else."""
    if "://" not in text:
        for host in (*_SHORT_HOSTS, urlsplit(hub_address).netloc):
            if text.lower().startswith(f"{host}/"):
                text = f"https://{text}"
                break
        else:
            return text.split("/") if text.count("/") == 1 else None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    home = urlsplit(hub_address)
    path = parts.path
    if parts.netloc.lower() == home.netloc.lower():
        path = path.removeprefix(home.path.rstrip("/"))
    elif parts.netloc.lower() not in _SHORT_HOSTS:
        return None
    if parts.scheme not in ("http", "https"):
        return None
    # a step may hold an escaped slash only where it stands for one of the file's folders
    return [unquote(step) for step in path.strip("/").split("/")]
