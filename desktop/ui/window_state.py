"""Where the window stood and what was open in it, kept in a small file of the data folder.

A file that cannot be read or written costs nothing but the window's place: nobody is told.
"""

import logging
import os
from pathlib import Path

import msgspec

log = logging.getLogger(__name__)


class WindowState(msgspec.Struct, frozen=True):
    """`geometry` is Qt's own, in base 64. Widths are in logical pixels; 0: not chosen yet."""

    geometry: str = ""
    sidebar: bool = True
    sidebar_px: int = 0
    panel: str = ""
    page: str = ""  # in the place of the conversation: "models"
    panel_px: int = 0
    viewer_px: int = 0
    chat: int | None = None
    language: str = "system"  # as it was last, so that the window speaks it before the core is open
    theme: str = "system"
    text_percent: int = 100
    folders: tuple[int, ...] = ()  # those that stand open in the list of chats
    welcome: str = "done"  # the step of the first run; "": nobody was asked yet


def read_state(file: Path) -> WindowState:
    if not file.exists():
        return WindowState(welcome="")
    try:
        return msgspec.json.decode(file.read_bytes(), type=WindowState)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return WindowState()


def write_state(file: Path, state: WindowState) -> None:
    draft = file.with_name(file.name + ".new")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(msgspec.json.encode(state))
        draft.replace(file)
    except OSError as error:
        log.info("the window's place was not kept: %s", error)
