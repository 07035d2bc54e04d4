"""Fonts of our own, where the system has none: a process of its own sees another set of fonts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication

from desktop.fonts import bring
from desktop.ui.theme import code_font, interface_font

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fontconfig tells what there is")

_LOOK = """
import json
from PySide6.QtGui import QFontMetricsF, QGuiApplication
from PySide6.QtWidgets import QApplication
app = QApplication([])
from desktop.ui.manner import dress
from desktop.ui.theme import code_font, interface_font
dress(app, "light")
def seen(font):
    metrics = QFontMetricsF(font)
    letters = all(metrics.inFontUcs4(ord(letter)) for letter in "aWñ¿0€—“")
    return [letters, metrics.horizontalAdvance("i"), metrics.horizontalAdvance("W")]
print(json.dumps([seen(interface_font()), seen(code_font())]))
"""


def seen_with(folder: Path, tmp_path: Path) -> list[list[float]]:
    """For interface and code: whether letters can be drawn, how wide a narrow one is, and a wide one."""
    conf = tmp_path / "fonts.conf"
    conf.write_text(
        f"<fontconfig><dir>{folder}</dir><cachedir>{tmp_path / 'cache'}</cachedir></fontconfig>", "utf-8"
    )
    environment = {**os.environ, "FONTCONFIG_FILE": str(conf), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", _LOOK], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    found: list[list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_a_computer_without_any_font_still_shows_letters(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    interface, code = seen_with(empty, tmp_path)
    assert interface[0]
    assert interface[1] < interface[2]
    assert code[0]
    assert code[1] == code[2]


@pytest.mark.slow
def test_code_stands_in_columns_where_the_system_has_no_font_of_one_width(tmp_path: Path) -> None:
    from desktop import fonts

    one = tmp_path / "one"
    one.mkdir()
    (one / "only.ttf").symlink_to(Path(fonts.__file__).with_name("DejaVuSans.ttf"))
    interface, code = seen_with(one, tmp_path)
    assert interface[1] < interface[2]
    assert code[1] == code[2]


def test_nothing_of_ours_is_brought_where_the_system_has_fonts(qapp: QApplication) -> None:
    system = bring()
    assert system.interface == ""
    for font in (interface_font(), code_font()):
        assert QFontMetricsF(font).inFontUcs4(ord("a"))


def test_the_licence_of_the_fonts_lies_beside_them() -> None:
    from desktop import fonts

    folder = Path(fonts.__file__).parent
    assert "Bitstream Vera" in (folder / "LICENSE.txt").read_text("utf-8")
    assert len(list(folder.glob("*.ttf"))) == 3
