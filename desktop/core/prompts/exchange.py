"""Files of prompts: one JSON for several with folders, versions and examples, or the plain text of one.

The JSON, here in its first version:

    {"format": "sobremesa-prompts", "version": 1, "prompts": [{
        "key": "4f0c…",                 an own prompt's, the same in every copy; "" or missing: a new one
        "folder": "Letters",
        "versions": [{                  from the oldest on, at least one
            "saved_at": 1763800000.0,   seconds since the epoch
            "content": {"name": "Poems", "text": "Write about {{topic}}.",
                        "examples": [{"question": "The sea", "reply": "Blue."}],
                        "defaults": {"topic": "rain"}, "json_schema": ""}}]}]}

What is read again is what was written, to the last character. A file is understood whole or not at all.
"""

import os
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from desktop.core.chats.prompts import PromptStore, storable
from desktop.core.errors import DataUnwritable, PromptNotNamed, PromptsUnreadable, PromptTooLong
from desktop.core.exchange.errors import ExportNotWritten
from desktop.core.private_files import write_private
from desktop.core.prompts.library import (
    NAME_CHARACTERS,
    checked,
    folder_path,
    one_line,
    opened,
    ready_made,
    versions,
)
from desktop.core.types.prompts import PromptContent, PromptVersion

FORMAT: Final = "sobremesa-prompts"
VERSION: Final = 1
LIMIT_BYTES: Final = 20_000_000
KEY_CHARACTERS: Final = 64
TEXTS: Final = (".md", ".txt")

# as `PromptStore.add_prompts` takes them: key, folder, versions from the oldest on
Found = tuple[tuple[str, str, tuple[PromptVersion, ...]], ...]


class FileVersion(msgspec.Struct, frozen=True):
    content: PromptContent
    saved_at: float = 0.0


class FilePrompt(msgspec.Struct, frozen=True):
    versions: tuple[FileVersion, ...]
    key: str = ""
    folder: str = ""


class PromptsFile(msgspec.Struct, frozen=True):
    """The whole file."""

    format: Literal["sobremesa-prompts"]
    version: int
    prompts: tuple[FilePrompt, ...]


def exported(store: PromptStore, path: Path, keys: tuple[str, ...]) -> tuple[bytes, int]:
    """What a file of this name is to hold, and how many prompts that are. No keys: the person's own.

    Raises UnknownPrompt.
    """
    if path.suffix.lower() in TEXTS and len(keys) == 1:
        return opened(store, keys[0]).content.text.encode(), 1
    document = document_of(store, keys)
    return encoded(document), len(document.prompts)


def document_of(store: PromptStore, keys: tuple[str, ...] = ()) -> PromptsFile:
    """The person's own prompts, or these, with all their versions. Raises UnknownPrompt."""
    chosen = keys or tuple(prompt.info.key for prompt in store.prompts() if prompt.info.version)
    return PromptsFile(FORMAT, VERSION, tuple(_of_prompt(store, key) for key in chosen))


def encoded(document: PromptsFile) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def write(path: Path, data: bytes) -> None:
    """All or nothing. Raises StorageFull, ExportNotWritten."""
    try:
        write_private(Path(os.path.abspath(path.expanduser())), data)  # noqa: PTH100  a link is to be replaced
    except DataUnwritable as error:
        raise ExportNotWritten(error.detail, path=str(path)) from error


def read(path: Path) -> Found:
    """The prompts of a file. Raises PromptsUnreadable."""
    path = path.expanduser()
    try:
        with path.open("rb") as file:
            data = file.read(LIMIT_BYTES + 1)
    except (OSError, ValueError) as error:
        raise PromptsUnreadable(str(error), path=str(path), reason="file_not_opened") from error
    if len(data) > LIMIT_BYTES:
        raise PromptsUnreadable(path=str(path), reason="file_too_large", limit_bytes=LIMIT_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PromptsUnreadable(str(error), path=str(path), reason="file_not_text") from error
    if not text.strip():
        raise PromptsUnreadable(path=str(path), reason="file_empty")
    if path.suffix.lower() in TEXTS:
        return (_of_text(path, text),)
    return decoded(text, path)


def decoded(text: str, path: Path) -> Found:
    """The prompts of a JSON text that was read from `path`. Raises PromptsUnreadable."""
    try:
        raw = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise PromptsUnreadable(str(error), path=str(path), reason="file_cut_short") from error
    if isinstance(raw, dict) and raw.get("format") == FORMAT and _newer(raw.get("version")):
        raise PromptsUnreadable(path=str(path), reason="file_newer")
    try:
        document = msgspec.convert(raw, PromptsFile)
        return tuple(_checked(prompt, number) for number, prompt in enumerate(document.prompts))
    except msgspec.ValidationError as error:
        where = str(error).rpartition("`$")[2].rstrip("`").lstrip(".") or f'"format": "{FORMAT}"'
        raise PromptsUnreadable(str(error), path=str(path), reason="file_other_shape", where=where) from error


def _of_prompt(store: PromptStore, key: str) -> FilePrompt:
    prompt = opened(store, key)
    found = tuple(FileVersion(one.content, one.saved_at) for one in reversed(versions(store, key)))
    # what came with the program is a prompt of one's own wherever it is read
    return FilePrompt(found, "" if ready_made(key) else key, prompt.info.folder)


def _of_text(path: Path, text: str) -> tuple[str, str, tuple[PromptVersion, ...]]:
    """A prompt of the file's name."""
    name = one_line(storable(PromptContent(path.stem)).name)[:NAME_CHARACTERS] or "?"
    try:
        content = checked(PromptContent(name, text.replace("\r\n", "\n").rstrip("\n")))
    except PromptTooLong as error:
        limit = int(error.params["limit"])
        raise PromptsUnreadable(path=str(path), reason="file_too_large", limit_bytes=limit) from error
    return "", "", (PromptVersion(1, 0.0, content),)


def _checked(prompt: FilePrompt, number: int) -> tuple[str, str, tuple[PromptVersion, ...]]:
    """Raises ValidationError where something in it could not be saved by hand either."""
    at = f"- at `$.prompts[{number}]"
    if not prompt.versions:
        raise msgspec.ValidationError(f"no version {at}.versions`")
    if len(prompt.key) > KEY_CHARACTERS or ready_made(prompt.key) or not prompt.key.isascii():
        raise msgspec.ValidationError(f"no key of a person's own {at}.key`")
    found: list[PromptVersion] = []
    for place, version in enumerate(prompt.versions):
        try:
            checked(version.content)
        except (PromptNotNamed, PromptTooLong) as error:
            what = "name" if isinstance(error, PromptNotNamed) else "text"
            raise msgspec.ValidationError(f"{error} {at}.versions[{place}].content.{what}`") from error
        if not found or found[-1].content != version.content:  # a save that changed nothing is no version
            found.append(PromptVersion(len(found) + 1, version.saved_at, version.content))
    return prompt.key, folder_path(prompt.folder), tuple(found)


def _newer(version: Any) -> bool:
    return isinstance(version, int) and version > VERSION
