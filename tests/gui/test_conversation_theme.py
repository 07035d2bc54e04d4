"""The look's numbers: contrast of every text pair, icons, and the style sheet's completeness."""

import re

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from desktop.ui.theme import DARK, DRAWINGS, LIGHT, Theme, appearance, apply_theme, choose_theme, icon
from desktop.ui.theme.stylesheet import _SHEET, stylesheet
from desktop.ui.theme.tokens import THEMES

TEXTS = ("text", "muted", "accent", "sage", "amber", "danger", "link")


def luminance(color: str) -> float:
    """WCAG 2.1, relative luminance."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_every_text_colour_can_be_read_on_every_ground(theme: Theme) -> None:
    weak = [
        (text, ground, round(contrast(theme.color(text), theme.color(ground)), 2))
        for text in TEXTS
        for ground in ("ground", "panel", "raised")
        if contrast(theme.color(text), theme.color(ground)) < 4.5
    ]
    assert weak == []
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.text, theme.select) >= 4.5


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_what_is_filled_of_a_bar_stands_out_from_what_is_not(theme: Theme) -> None:
    for filled in ("accent", "sage", "amber", "muted"):
        assert contrast(theme.color(filled), theme.track) >= 3
    if theme.name == "high_contrast":  # how long the whole bar is can be seen too
        assert min(contrast(theme.track, theme.ground), contrast(theme.track, theme.raised)) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_the_style_sheet_is_filled_in_and_uses_no_colour_of_its_own(theme: Theme) -> None:
    sheet = stylesheet(theme, "/art")
    assert "$" not in sheet
    assert re.findall(r"#[0-9A-Fa-f]{3,8}\b", _SHEET.template) == []


@pytest.mark.parametrize("name", sorted(DRAWINGS))
def test_every_icon_draws_something_inside_its_square(qtbot: QtBot, name: str) -> None:
    image = icon(name, "text").pixmap(QSize(20, 20)).toImage()
    drawn = [(x, y) for x in range(20) for y in range(20) if image.pixelColor(x, y).alpha() > 40]
    assert len(drawn) > 5
    edge = [(x, y) for x, y in drawn if x in (0, 19) or y in (0, 19)]
    assert edge == []


def test_icons_follow_a_change_of_theme(qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    button = QToolButton()
    qtbot.addWidget(button)
    button.setIcon(icon("stop", "text"))
    seen = []
    for theme in (LIGHT, DARK):
        apply_theme(app, theme)
        image = button.icon().pixmap(QSize(20, 20), QIcon.Mode.Normal).toImage()
        seen.append(image.pixelColor(10, 10).name().upper())
    apply_theme(app, LIGHT)
    assert seen == [LIGHT.text, DARK.text]


def test_the_persons_choice_is_worn_and_system_follows_the_system(qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    choose_theme(app, "dark")
    worn = appearance()
    assert worn is not None
    assert worn.theme == DARK
    choose_theme(app, "system")
    assert worn.choice == "system"
    choose_theme(app, "light")
    assert worn.theme == LIGHT
