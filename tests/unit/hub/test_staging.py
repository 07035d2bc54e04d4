"""What came of downloads lies in slots, one for each model, which one program has at a time."""

from pathlib import Path

import pytest

from desktop.core.hub.errors import DownloadNotWritten, DownloadRunning
from desktop.core.hub.protocol import RemotePart
from desktop.core.hub.staging import PLAN, Plan, Staging

PART = RemotePart("a/tiny-Q4_K_M.gguf", 1000, "ab" * 32)
OTHER = RemotePart("a/tiny-Q4_K_M.gguf", 1000, "cd" * 32)


def plan(part: RemotePart = PART, revision: str = "c0ffee") -> Plan:
    return Plan("ana/tiny", part.name, revision, (part,), "mit")


def begun(staging: Staging, came: int = 400, part: RemotePart = PART) -> None:
    with staging.slot("ana/tiny", part.name) as slot:
        slot.begin(plan(part))
        slot.path(plan(part), part).write_bytes(bytes(came))


def test_a_slot_keeps_its_plan_and_what_came(tmp_path: Path) -> None:
    begun(Staging(tmp_path))
    staging = Staging(tmp_path)  # another start of the program
    (paused,) = staging.paused()
    assert (paused.repository, paused.file, paused.kept_bytes, paused.total_bytes) == (
        "ana/tiny",
        PART.name,
        400,
        1000,
    )
    assert staging.find("ANA/tiny", PART.name) == plan()
    assert staging.find("ana/tiny", "tiny-Q4_K_M.gguf") == plan()
    assert staging.find("ana/other", PART.name) is None
    assert staging.kept_bytes("ana/tiny", PART.name, plan().digests) == 400
    assert staging.kept_bytes("ana/tiny", PART.name, plan(OTHER).digests) == 0


def test_a_slot_in_which_nothing_came_leaves_nothing(tmp_path: Path) -> None:
    begun(Staging(tmp_path), came=0)
    assert list((tmp_path / ".downloads").iterdir()) == []


def test_a_slot_is_somebodys_alone_and_not_paused_meanwhile(tmp_path: Path) -> None:
    begun(Staging(tmp_path))
    with Staging(tmp_path).slot("ana/tiny", PART.name):
        assert Staging(tmp_path).paused() == ()
        with pytest.raises(DownloadRunning), Staging(tmp_path).slot("ana/tiny", PART.name):
            pass
    assert len(Staging(tmp_path).paused()) == 1


def test_a_new_plan_keeps_what_is_the_same_and_drops_the_rest(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    begun(staging)
    with staging.slot("ana/tiny", PART.name) as slot:
        slot.begin(plan(revision="beef"))
        assert slot.kept_bytes() == 400
        slot.begin(plan(OTHER))
        assert slot.kept_bytes() == 0


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"repository": 3}', b"null"])
def test_a_plan_that_cannot_be_read_is_no_download(tmp_path: Path, content: bytes) -> None:
    begun(Staging(tmp_path))
    (file,) = (tmp_path / ".downloads").rglob(PLAN)
    file.write_bytes(content)
    assert Staging(tmp_path).paused() == ()
    with Staging(tmp_path).slot("ana/tiny", PART.name) as slot:  # and it can be begun anew
        slot.begin(plan())
        slot.path(plan(), PART).write_bytes(bytes(10))
    assert Staging(tmp_path).paused()[0].kept_bytes == 10


def test_a_discarded_slot_is_gone(tmp_path: Path) -> None:
    begun(Staging(tmp_path))
    with Staging(tmp_path).slot("ana/tiny", PART.name) as slot:
        slot.discard()
    assert list((tmp_path / ".downloads").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / ".downloads").write_text("in the way")
    with pytest.raises(DownloadNotWritten), Staging(tmp_path).slot("ana/tiny", PART.name):
        pass
    assert Staging(tmp_path).paused() == ()
