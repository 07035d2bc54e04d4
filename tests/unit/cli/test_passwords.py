"""Passwords of documents on the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.cli import passwords
from desktop.core.passwords import Unlock
from tests.fakes.jobs import PASSWORD
from tests.unit.cli.conftest import Typed
from tests.unit.cli.talking_core import TalkingCore

TypeIn = Callable[..., Typed]


def test_index_takes_a_password_from_a_file_or_a_pipe(
    type_in: TypeIn, core: TalkingCore, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{PASSWORD}\nsecond line")
    done = type_in("index", "/docs/locked.pdf", "--password-file", str(secret))
    assert done.code == 0
    assert core.indexings[-1].unlock == Unlock(PASSWORD)
    assert type_in("index", "/docs/locked.pdf", "--password-file", "-", stdin=f"{PASSWORD}\n").code == 0
    wrong = type_in("index", "/docs/locked.pdf", "--password-file", "-", "--json", stdin="guess\n")
    assert wrong.json["error"]["code"] == "document_wrong_password"
    assert "guess" not in wrong.out + wrong.err
    assert type_in("index", "/docs/locked.pdf", "--password-file", str(tmp_path / "none")).code == 1


def test_a_person_at_a_terminal_is_asked_for_the_password(
    type_in: TypeIn, core: TalkingCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["guess", PASSWORD])
    asked: list[str] = []
    monkeypatch.setattr(passwords, "a_person_sits_there", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or next(answers))
    done = type_in("index", "/docs/locked.pdf", "/docs/museum.pdf")
    assert done.code == 0
    assert ["locked.pdf" in prompt for prompt in asked] == [True, True]
    assert PASSWORD not in done.out + done.err
