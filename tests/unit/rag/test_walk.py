"""Which files a list of paths means."""

import os
import sys
from pathlib import Path

import pytest

from rag.errors import (
    DocumentError,
    DocumentMissing,
    DocumentNameUnreadable,
    DocumentUnreadable,
    EmptyFolder,
)
from rag.indexing.walk import walk
from rag.reading.files import check_file


def names(*paths: Path) -> list[str]:
    return [
        item.name if isinstance(item, Path) else f"{item[0].name}: {type(item[1]).__name__}"
        for item in walk([str(path) for path in paths])
    ]


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("text")
    return path


def test_documents_below_a_folder_are_found_once_and_in_order(tmp_path: Path) -> None:
    for name in (
        "b.pdf",
        "A.TXT",
        "sub/c.md",
        "sub/deep/d.markdown",
        "e.jpg",
        ".hidden.pdf",
        ".git/f.md",
        "~$g.txt",
    ):
        touch(tmp_path / name)
    assert names(tmp_path, tmp_path / "b.pdf") == ["A.TXT", "b.pdf", "c.md", "d.markdown"]


def test_a_named_file_is_given_whatever_it_is(tmp_path: Path) -> None:
    assert names(touch(tmp_path / "e.jpg"), touch(tmp_path / ".hidden.pdf")) == ["e.jpg", ".hidden.pdf"]


def test_what_is_not_there_and_what_holds_nothing_say_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    touch(tmp_path / "pictures" / "a.png")
    assert names(tmp_path / "none.pdf", tmp_path / "empty", tmp_path / "pictures") == [
        f"none.pdf: {DocumentMissing.__name__}",
        f"empty: {EmptyFolder.__name__}",
        f"pictures: {EmptyFolder.__name__}",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is Unicode")
def test_a_file_with_a_name_of_another_encoding_is_told_and_keeps_no_other_one_out(tmp_path: Path) -> None:
    touch(tmp_path / "a.txt")
    touch(tmp_path / os.fsdecode(b"caf\xe9.txt"))
    assert names(tmp_path) == ["a.txt", f"caf\ufffd.txt: {DocumentNameUnreadable.__name__}"]


def test_links_that_lead_in_a_circle_end(tmp_path: Path) -> None:
    touch(tmp_path / "sub" / "a.txt")
    (tmp_path / "sub" / "back").symlink_to(tmp_path, target_is_directory=True)
    assert names(tmp_path) == ["a.txt"]


def test_a_folder_without_permission_is_named_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "closed" / "a.txt")
    touch(tmp_path / "open" / "b.txt")
    scandir = os.scandir

    # the tests may run as root, whom no mode keeps out
    def refusing(path: Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert names(tmp_path) == [f"closed: {DocumentUnreadable.__name__}", "b.txt"]


def test_a_folder_that_may_be_listed_and_not_entered_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "listed" / "a.txt")
    touch(tmp_path / "open" / "b.txt")
    stat = os.stat

    def refusing(path: object, *rest: object, **named: object) -> object:
        if "listed/" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, *rest, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "stat", refusing)
    assert names(tmp_path) == ["a.txt", "b.txt"]  # reading a.txt will say why it cannot be


def test_a_file_without_permission_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = touch(tmp_path / "a.txt")

    def refusing(*_: object, **__: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refusing)
    with pytest.raises(DocumentUnreadable):
        check_file(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_refused_and_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "pipe.pdf"
    os.mkfifo(path)
    with pytest.raises(DocumentError):
        check_file(path)
