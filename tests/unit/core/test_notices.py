"""Licences as an installed program has them in its folder."""

import json
from pathlib import Path

from desktop.core.notices import Notices
from desktop.core.types.notices import Notice


def installed(program: Path, *parts: dict[str, object]) -> Notices:
    (program / "licences").mkdir(parents=True)
    (program / "licences" / "notices.json").write_text(json.dumps(parts))
    return Notices(program)


def part(name: str, kind: str = "python", licence: str = "MIT", *files: str) -> dict[str, object]:
    return {"name": name, "version": "1", "licence": licence, "kind": kind, "files": files}


def test_what_packages_write_is_listed_with_ours_first(tmp_path: Path) -> None:
    notices = installed(
        tmp_path, part("zlib", "system", "see its text"), part("Alpha"), part("Sobremesa", "own")
    )
    assert notices.all() == (
        Notice("Sobremesa", "1", "MIT", "own"),
        Notice("Alpha", "1", "MIT", "python"),
        Notice("zlib", "1", "", "system"),
    )


def test_all_texts_of_a_part_are_read_and_none_outside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("not a licence")
    notices = installed(tmp_path, part("a", "python", "MIT", "a/LICENSE", "a/NOTICE", "../secret", "a/gone"))
    (tmp_path / "licences/a").mkdir()
    (tmp_path / "licences/a/LICENSE").write_text("first\n")
    (tmp_path / "licences/a/NOTICE").write_text("second\n")
    assert notices.text("a").split() == ["first", "second"]
    assert notices.text("b") == ""


def test_a_damaged_list_is_an_empty_one(tmp_path: Path) -> None:
    notices = installed(tmp_path)
    (tmp_path / "licences/notices.json").write_text("[{]")
    assert notices.all() == ()
    assert Notices(tmp_path / "elsewhere").all() == ()
