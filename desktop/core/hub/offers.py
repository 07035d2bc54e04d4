"""The models in a repository's list of files: which files belong together, which names they may have here.

Trusts no name: it came from a server. Reads and writes nothing.
"""

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import msgspec

from desktop.core.hub.errors import FileNotOffered
from desktop.core.hub.protocol import Listed, RemotePart
from desktop.core.models.splits import base_name, grouped
from desktop.core.models.walking import SUFFIX, UNWANTED_PREFIXES
from desktop.core.types.models import HubFile, HubRepository

MOST_NAME_BYTES = 200  # file systems take 255, and a number may come in front
# what Windows takes for devices, whatever the suffix
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_SAFE = re.compile(r"[^\x00-\x1f\x7f<>:\"|?*\\/]+")
# https://github.com/ggml-org/ggml/blob/master/docs/gguf.md#encoding
_QUANTIZATION = re.compile(
    r"(?:^|[-._])((?:UD-)?(?:I?Q[1-8]_(?:[KSLMX01]|XXS|XS|NL)(?:_(?:XXS|XS|S|M|L|XL))?|TQ[12]_0|MXFP4|BF16|F16|F32|FP16|FP32))"
    r"(?=$|[-._])",
    re.IGNORECASE,
)


class Offer(msgspec.Struct, frozen=True):
    """A model of a repository: its parts in order, all of one folder there."""

    name: str  # the first part's path in the repository
    parts: tuple[RemotePart, ...]

    @property
    def size_bytes(self) -> int:
        return sum(part.size_bytes for part in self.parts)

    @property
    def quantization(self) -> str:
        found = _QUANTIZATION.findall(base_name(PurePosixPath(self.name).stem))
        return str(found[-1]).upper() if found else ""

    @property
    def model(self) -> str:
        """What the names of all quantizations of a model have in common."""
        stem = base_name(PurePosixPath(self.name).stem)
        return _QUANTIZATION.sub("", stem).lower()


def offers(files: Iterable[RemotePart]) -> tuple[Offer, ...]:
    """The whole models among `files`, the smallest first, without those whose names lead elsewhere."""
    known = {part.name: part for part in files if is_safe(part.name)}
    found = []
    for split in grouped(Path(name) for name in known):
        if split.missing() is None:
            parts = tuple(known[path.as_posix()] for _, path in sorted(split.parts.items()))
            found.append(Offer(parts[0].name, parts))
    return tuple(sorted(found, key=lambda offer: (offer.size_bytes, offer.name)))


def is_safe(name: str) -> bool:
    """Whether a file of that name in a repository is a model that can lie in our folder as that."""
    steps = name.split("/")
    return (
        all(_SAFE.fullmatch(step) and step not in (".", "..") for step in steps)
        and not steps[-1].startswith(UNWANTED_PREFIXES)
        and steps[-1].lower().endswith(SUFFIX)
        and len(steps[-1].encode("utf-8", "replace")) <= MOST_NAME_BYTES
        and not _DEVICES.fullmatch(steps[-1])
    )


def local_name(part: RemotePart) -> str:
    """What a file is called here: its own name, without the folders of the repository."""
    return PurePosixPath(part.name).name


def chosen(listed: Listed, wanted: str, host: str) -> Offer:
    """The model meant by `wanted`: a path in the repository, a file's name, or a quantization only one has.

    Raises FileNotOffered.
    """
    every = offers(listed.files)
    folded = wanted.strip().strip("/").lower()
    for named in (_by_path, _by_name, _by_quantization):
        found = [offer for offer in every if folded in named(offer)]
        if len(found) == 1:
            return found[0]
    raise FileNotOffered(file=wanted, name=listed.id, host=host)


def described(listed: Listed) -> HubRepository:
    """A repository as a person sees it, before anything is known of how its models fit."""
    files = tuple(
        HubFile(offer.name, offer.size_bytes, len(offer.parts), offer.quantization)
        for offer in offers(listed.files)
    )
    return HubRepository(listed.id, listed.revision, files, listed.licence)


def _by_path(offer: Offer) -> set[str]:
    return {part.name.lower() for part in offer.parts}


def _by_name(offer: Offer) -> set[str]:
    names = {local_name(part).lower() for part in offer.parts}
    return names | {name.removesuffix(SUFFIX) for name in names}


def _by_quantization(offer: Offer) -> set[str]:
    return {offer.quantization.lower(), base_name(PurePosixPath(offer.name).stem).lower()} - {""}
