"""A command line over the core in memory: `type_in("ask", "...")` gives exit code, stdout and stderr."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desktop.cli import main as cli
from desktop.core.places import Places
from tests.unit.cli.talking_core import TalkingCore


@dataclass(frozen=True)
class Typed:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Fails when stdout holds anything but one JSON object."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


TypeIn = Callable[..., Typed]


@pytest.fixture
def core() -> TalkingCore:
    return TalkingCore()


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    made = Places.of(tmp_path / "data", tmp_path / "models")
    made.create()
    return made


@pytest.fixture
def type_in(
    core: TalkingCore,
    places: Places,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Callable[..., Typed]:
    def run(*words: str, stdin: str | None = None) -> Typed:
        monkeypatch.setattr("sys.stdin", _Terminal() if stdin is None else io.StringIO(stdin))
        arguments = ["--data-dir", str(places.data), *words]
        try:
            found, where = cli.understand(arguments)
            where = Places(where.data, places.models)
            code = cli.carry_out(found, where, lambda _places: core)
        except SystemExit as left:
            code = int(left.code or 0)
        return Typed(code, *capfd.readouterr())

    return run


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True
