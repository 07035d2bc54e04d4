"""The gallery: its pictures exist and show something, no text in them is cut, and nothing stands over it."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.ui.manner import dress, speak
from tests.gui.gallery import render
from tests.gui.layout_faults import faults
from tests.gui.scene_texts import TEXTS
from tests.gui.scenes import SCENES, staged
from tests.gui.stage import NARROW, Stage, settle
from tests.unit.i18n.conftest import compile_catalogues

ROUNDS = 30


def cut_at_last(stage: Stage) -> list[str]:
    """What is wrong when everything was laid out: on a busy machine that takes a while."""
    found = faults(stage.window)
    for _round in range(ROUNDS):
        if not found:
            break
        settle()
        found = faults(stage.window)
    return found


def test_a_picture_shows_the_window_in_the_language_and_theme_asked_for(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    compile_catalogues()
    assert render(tmp_path, [("dark", "es")], only="empty") == sum("empty" in name for name in SCENES)
    picture = QImage(str(tmp_path / "empty-dark-es.png"))
    assert picture.size() == QSize(1120, 760)
    assert picture.pixelColor(560, 200).lightness() < 64
    speak(qapp, "en")
    dress(qapp, "light")


# Themes differ in colours and in the width of lines; sizes of text in everything.
LOOKS = (("en", "light", 100), ("es", "light", 100), ("es", "high_contrast", 100), ("es", "light", 200))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("language", "theme", "text_percent"), LOOKS)
def test_no_text_is_cut_in_any_view(
    qtbot: QtBot, qapp: QApplication, language: str, theme: str, text_percent: int
) -> None:
    compile_catalogues()
    trouble = {}
    asked = {"language": language, "theme": theme, "text_percent": text_percent}
    for name in SCENES:
        speak(qapp, language)
        dress(qapp, theme, text_percent)
        with staged(name, TEXTS[language], asked) as stage:
            stage.picture()
            trouble[name] = cut_at_last(stage)
            if name != "opening" and not name.startswith("opening"):
                stage.window.resize(NARROW)
                stage.picture()
                trouble[f"{name}, narrow"] = cut_at_last(stage)
    speak(qapp, "en")
    dress(qapp, "light", 100)
    assert {name: texts for name, texts in trouble.items() if texts} == {}
