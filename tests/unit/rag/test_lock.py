"""One owner for a folder."""

from pathlib import Path

import pytest

from rag.errors import DatabaseUnreadable, LibraryInUse
from rag.lock import FolderLock


def test_a_held_folder_is_refused_until_it_is_released(tmp_path: Path) -> None:
    first = FolderLock(tmp_path / "library" / "lock")
    with pytest.raises(LibraryInUse) as refusal:
        FolderLock(tmp_path / "library" / "lock")
    assert refusal.value.params == {"folder": str(tmp_path / "library")}
    first.close()
    FolderLock(tmp_path / "library" / "lock").close()


def test_a_folder_that_cannot_be_made_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnreadable):
        FolderLock(tmp_path / "file" / "lock")
