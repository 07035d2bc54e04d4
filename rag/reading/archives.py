"""What is common to files that are ZIP archives of XML: opened and parsed within limits. Unpacks to no disk.

Entities that a file declares are refused (they are how a kilobyte becomes a gigabyte), nothing outside the
archive is ever asked for, and names are only looked up, never turned into paths.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Self
from urllib.parse import unquote
from xml.parsers import expat

from rag.errors import DocumentDamaged, DocumentProtected, DocumentTooLarge

LARGEST_MEMBER_BYTES = 64 << 20
LARGEST_TOTAL_BYTES = 256 << 20
MOST_MEMBERS = 20_000
DEEPEST = 500  # elements within each other
_ENCRYPTED = 0x1
_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how old Office files, and new ones with a password, begin

Attributes = dict[str, str]


class Archive:
    """A ZIP file whose members are read one by one. Close it; it is a context manager."""

    def __init__(self, path: Path) -> None:
        """Raises DocumentDamaged, DocumentProtected or DocumentTooLarge."""
        self.path = path
        self._left_bytes = LARGEST_TOTAL_BYTES
        with path.open("rb") as file:
            if file.read(len(_OFFICE)) == _OFFICE:
                raise DocumentProtected(file=str(path))
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise DocumentDamaged(str(error), file=str(path)) from error
        self.names = frozenset(self._zip.namelist())
        if len(self.names) > MOST_MEMBERS:
            self.close()
            raise DocumentTooLarge(file=str(path), limit_mb=LARGEST_TOTAL_BYTES >> 20)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._zip.close()

    def read(self, name: str) -> bytes:
        """A member's bytes; what it says of its own size is not believed."""
        try:
            if self._zip.getinfo(name).flag_bits & _ENCRYPTED:
                raise DocumentProtected(file=str(self.path))
            most = min(LARGEST_MEMBER_BYTES, self._left_bytes)
            with self._zip.open(name) as member:
                data = member.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, NotImplementedError) as error:
            raise DocumentDamaged(f"{name}: {error}", file=str(self.path)) from error
        except RuntimeError as error:  # zipfile's word for a missing password
            raise DocumentProtected(str(error), file=str(self.path)) from error
        if len(data) > most:
            raise DocumentTooLarge(name, file=str(self.path), limit_mb=LARGEST_TOTAL_BYTES >> 20)
        self._left_bytes -= len(data)
        return data

    def parse(
        self,
        name: str,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None] = lambda _: None,
        text: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Go through a member's XML. Names of elements and attributes come without their namespaces."""
        depth = 0

        def begin(tag: str, attributes: Attributes) -> None:
            nonlocal depth
            depth += 1
            if depth > DEEPEST:
                raise DocumentDamaged(f"{name}: too deep", file=str(self.path))
            start(_local(tag), {_local(key): value for key, value in attributes.items()})

        def leave(tag: str) -> None:
            nonlocal depth
            depth -= 1
            end(_local(tag))

        def refuse(*_: object) -> None:
            raise DocumentDamaged(f"{name}: declares entities", file=str(self.path))

        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = begin
        parser.EndElementHandler = leave
        parser.CharacterDataHandler = text
        parser.EntityDeclHandler = refuse
        try:
            parser.Parse(self.read(name), True)
        except expat.ExpatError as error:
            raise DocumentDamaged(f"{name}: {error}", file=str(self.path)) from error

    def resolve(self, base: str, reference: str) -> str:
        """The member that a reference in member `base` means; "" when it means none of this archive."""
        target = unquote(reference.partition("#")[0])
        if not target or ":" in target:
            return ""
        name = posixpath.normpath(posixpath.join(posixpath.dirname(base), target))
        return name if name in self.names else ""


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
