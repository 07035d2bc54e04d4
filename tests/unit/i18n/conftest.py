"""Compiled catalogues for tests that read Spanish, and English again afterwards."""

import gettext
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop import i18n

ROOT = Path(__file__).resolve().parents[3]
PACKAGING = ROOT / "packaging"
# behind everything else: run.py and test.py have names that others have too
if str(PACKAGING) not in sys.path:
    sys.path.append(str(PACKAGING))


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    i18n.set_language("en")


def compile_catalogues() -> None:
    """Bring the compiled catalogues up to date, as every build does."""
    from compile_catalogues import compile_all

    compile_all(ROOT)
    gettext._translations.clear()  # type: ignore[attr-defined]  # it keeps what it has read once


@pytest.fixture
def spanish() -> None:
    """Speak Spanish from the catalogue as it is now, whatever was compiled before."""
    compile_catalogues()
    i18n.set_language("es")
