"""Files in a person's own folders, written whole or not at all: also when the program is killed meanwhile."""

import contextlib
import logging
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from desktop.core.exchange.errors import ExportNotWritten

_ENDING: Final = ".part"
_DRAFT: Final = re.compile(r"\..*\.\d+\.part$", re.DOTALL)

log = logging.getLogger(__name__)


class WholeFiles:
    """Writes a draft beside the file and puts it in the file's place when it is done.

    `records`: a folder of the program's own. While a draft is written a record there says where, so that
    the next start deletes what a killed one left: a draft may hold chats that are deleted by then.
    """

    def __init__(self, records: Path) -> None:
        self._records = records

    def write(self, file: Path, pieces: Iterable[bytes]) -> int:
        """Write all of it, or leave `file` as it is. Gives its size in bytes. Raises ExportNotWritten."""

        def write(draft: Path) -> None:
            with draft.open("wb") as stream:
                for piece in pieces:
                    stream.write(piece)
                stream.flush()
                os.fsync(stream.fileno())

        return self.put(file, write)

    def put(self, file: Path, write: Callable[[Path], None]) -> int:
        """Have `write` make a file for this user alone, and put it into the place of `file` when it is done.

        Gives its size in bytes. Raises ExportNotWritten, and what `write` raises.
        """
        draft = file.with_name(f".{file.name[:200]}.{os.getpid()}{_ENDING}")
        record: Path | None = None
        try:
            record = self._record(draft)
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            write(draft)
            size = draft.stat().st_size
            draft.replace(file)
        except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
            raise ExportNotWritten(str(error), path=str(file)) from error
        finally:
            with contextlib.suppress(OSError, ValueError):
                draft.unlink(missing_ok=True)
                if record is not None:
                    record.unlink(missing_ok=True)
        return size

    def clear(self) -> None:
        """Delete the drafts that a killed program left; one in a folder that is away now, another time."""
        for record in self._records.glob(f"*{_ENDING}"):
            try:
                draft = Path(os.fsdecode(record.read_bytes()))
                if _DRAFT.match(draft.name) and draft.is_absolute():
                    if not draft.parent.is_dir():
                        continue
                    draft.unlink(missing_ok=True)
                record.unlink(missing_ok=True)
            except (OSError, ValueError) as error:
                log.warning("a draft of an export that was cut short stays: %s", type(error).__name__)

    def _record(self, draft: Path) -> Path:
        self._records.mkdir(mode=0o700, exist_ok=True)
        number = 0
        while True:
            record = self._records / f"{os.getpid()}-{number}{_ENDING}"
            try:
                place = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                number += 1
                continue
            with os.fdopen(place, "wb") as stream:
                stream.write(os.fsencode(draft.absolute()))
            return record
