"""Settings in the real window: a form from the declarations; each counts at once, language and theme too."""

from typing import get_args

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialogButtonBox, QFileDialog
from pytestqt.qtbot import QtBot

from desktop import i18n
from desktop.core.settings import SETTINGS, Section
from desktop.core.types import Problem
from desktop.ui.panels.fields import (
    ChoiceField,
    LineField,
    NumberField,
    PathField,
    SuggestField,
    SwitchField,
    TextField,
)
from desktop.ui.panels.settings import SettingsPanel
from desktop.ui.theme import DARK, LIGHT
from engine.devices import Device
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture
from tests.unit.i18n.conftest import compile_catalogues


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    window = open_window(core_with_chats())
    window.workspace.open_panel("settings")
    return window


def panel_of(whole: WholeWindow) -> SettingsPanel:
    panels = whole.workspace.findChildren(SettingsPanel)
    assert len(panels) == 1
    whole.qtbot.waitUntil(lambda: panels[0].complete)
    return panels[0]


def seen(panel: SettingsPanel) -> list[str]:
    return [name for name, row in panel.rows.items() if row.isVisibleTo(panel)]


def test_every_declared_setting_has_a_row_in_its_section(whole: WholeWindow) -> None:
    panel = panel_of(whole)
    declared = [one.name for section in get_args(Section) for one in SETTINGS if one.section == section]

    def in_sight() -> list[str]:
        rows = sorted(panel.rows.values(), key=lambda row: row.mapTo(panel, QPoint()).y())
        return [row.setting.name for row in rows]

    whole.qtbot.waitUntil(lambda: in_sight() == declared)


def test_tab_goes_down_the_form(whole: WholeWindow) -> None:
    rows = list(panel_of(whole).rows.values())
    rows[0].field.input().setFocus()
    seen = []
    for _ in range(2 * len(rows)):  # some have a button of their own, or a way back
        focused = whole.window.focusWidget()
        seen += [row.setting.name for row in rows if row.field.input() is focused]
        whole.qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert seen[: len(rows)] == [row.setting.name for row in rows]


# ── finding a setting ─────────────────────────────────────────────────────────────────────────────


def test_settings_are_found_by_the_words_of_their_names_and_helps_without_accents(whole: WholeWindow) -> None:
    panel = panel_of(whole)
    whole.qtbot.keyClicks(panel.search, "graphics LAYERS")
    assert seen(panel) == ["gpu_layers"]
    panel.search.clear()
    assert len(seen(panel)) == len(SETTINGS)
    compile_catalogues()
    choose(whole, "language", "es")
    whole.qtbot.waitUntil(lambda: i18n.language() == "es" and bool(whole.workspace.findChild(SettingsPanel)))
    panel = panel_of(whole)
    whole.qtbot.keyClicks(panel.search, "grafica capas")
    assert seen(panel) == ["gpu_layers"]


def test_a_search_that_finds_nothing_says_so_and_escape_takes_it_back(whole: WholeWindow) -> None:
    panel = panel_of(whole)
    whole.qtbot.keyClicks(panel.search, "xylophone")
    assert seen(panel) == []
    assert panel.nothing.isVisibleTo(panel)
    whole.qtbot.keyClick(panel.search, Qt.Key.Key_Escape)
    assert whole.workspace.panel == "settings"
    assert not panel.nothing.isVisibleTo(panel)
    assert len(seen(panel)) == len(SETTINGS)


def test_only_what_was_changed_can_be_shown(whole: WholeWindow) -> None:
    panel = panel_of(whole)
    row = panel.row("temperature")
    row.field.changed.emit(0.3)
    whole.qtbot.waitUntil(lambda: row.dot.isVisibleTo(panel))
    assert row.field.input().accessibleDescription().startswith("Changed")
    whole.qtbot.mouseClick(panel.only_changed, Qt.MouseButton.LeftButton)
    changed = [one.name for one in SETTINGS if whole.session.settings.value(one.name) != one.default]
    assert sorted(seen(panel)) == sorted(changed)
    assert "temperature" in changed


def test_the_form_is_built_a_few_rows_at_a_time(whole: WholeWindow) -> None:
    panel = SettingsPanel(whole.session.settings)
    whole.qtbot.addWidget(panel)
    assert not panel.complete
    assert panel.row("seed").setting.name == "seed"  # what is asked for is there at once
    whole.qtbot.waitUntil(lambda: panel.complete)


def test_a_number_counts_at_once_and_can_be_reset(whole: WholeWindow) -> None:
    row = panel_of(whole).rows["temperature"]
    assert isinstance(row.field, NumberField)
    assert not row.reset.isVisibleTo(row)
    row.field.box.setFocus()
    row.field.box.selectAll()
    whole.qtbot.keyClicks(row.field.box, "1.25")
    whole.qtbot.keyClick(row.field.box, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: row.reset.isVisibleTo(row))
    assert whole.core.settings["temperature"] == 1.25
    whole.qtbot.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    whole.qtbot.waitUntil(lambda: row.field.box.value() == 0.7)
    assert whole.core.settings["temperature"] == 0.7


def test_a_seed_larger_than_a_machine_word_can_be_set(whole: WholeWindow) -> None:
    row = panel_of(whole).rows["seed"]
    assert isinstance(row.field, NumberField)
    assert row.field.box.text() == "Another one each time"
    row.field.box.setValue(4_294_967_294)
    whole.qtbot.waitUntil(lambda: whole.core.settings["seed"] == 4_294_967_294)


def test_a_path_is_taken_when_its_field_is_left(whole: WholeWindow) -> None:
    row = panel_of(whole).rows["model_path"]
    assert isinstance(row.field, PathField)
    row.field.line.setFocus()
    whole.qtbot.keyClicks(row.field.line, "/models/m.gguf")
    assert whole.core.settings["model_path"] == ""
    whole.qtbot.keyClick(row.field.line, Qt.Key.Key_Tab)
    whole.qtbot.waitUntil(lambda: whole.core.settings["model_path"] == "/models/m.gguf")


def test_a_path_is_chosen_in_a_dialog(whole: WholeWindow) -> None:
    row = panel_of(whole).rows["model_path"]
    whole.qtbot.mouseClick(row.field.findChildren(QAbstractButton)[-1], Qt.MouseButton.LeftButton)
    (dialog,) = whole.window.findChildren(QFileDialog)
    assert dialog.fileMode() == QFileDialog.FileMode.ExistingFile
    dialog.filesSelected.emit(["/models/chosen"])
    dialog.close()
    whole.qtbot.waitUntil(lambda: whole.core.settings["model_path"] == "/models/chosen")


def test_a_switch_counts_at_once(whole: WholeWindow) -> None:
    row = panel_of(whole).rows["offline"]
    assert isinstance(row.field, SwitchField)
    assert row.field.box.isChecked()
    row.field.box.setFocus()
    whole.qtbot.keyClick(row.field.box, Qt.Key.Key_Space)
    whole.qtbot.waitUntil(lambda: row.reset.isVisibleTo(row))
    assert whole.core.settings["offline"] is False
    whole.qtbot.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    whole.qtbot.waitUntil(row.field.box.isChecked)
    assert whole.core.settings["offline"] is True


def test_an_address_is_taken_when_its_field_is_left(whole: WholeWindow) -> None:
    row = panel_of(whole).rows["hub_address"]
    assert isinstance(row.field, LineField)
    row.field.line.setText("https://hub.example")
    assert whole.core.settings["hub_address"] == "https://huggingface.co"
    row.field.line.editingFinished.emit()
    whole.qtbot.waitUntil(lambda: whole.core.settings["hub_address"] == "https://hub.example")


def test_the_graphics_cards_that_are_there_are_offered_and_others_can_be_typed(
    open_window: Open,  # noqa: F811
) -> None:
    core = core_with_chats()
    core.devices = (*core.devices, Device("Vulkan0", "gpu", 4_000_000_000, 4_000_000_000))
    whole = open_window(core)
    whole.workspace.open_panel("settings")
    row = panel_of(whole).rows["devices"]
    assert isinstance(row.field, SuggestField)
    box = row.field.box
    whole.qtbot.waitUntil(lambda: [box.itemText(n) for n in range(box.count())] == ["", "none", "Vulkan0"])
    assert box.currentText() == ""
    box.setFocus()
    box.setCurrentIndex(2)
    box.activated.emit(2)
    whole.qtbot.waitUntil(lambda: core.settings["devices"] == "Vulkan0")
    box.lineEdit().selectAll()
    whole.qtbot.keyClicks(box.lineEdit(), "Vulkan1, Vulkan2")
    whole.qtbot.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: core.settings["devices"] == "Vulkan1, Vulkan2")


def test_a_long_text_is_taken_after_a_pause(whole: WholeWindow) -> None:
    row = panel_of(whole).rows["system_prompt"]
    assert isinstance(row.field, TextField)
    whole.qtbot.keyClicks(row.field.editor, "Be brief.")
    whole.qtbot.waitUntil(lambda: whole.core.settings["system_prompt"] == "Be brief.")


def test_a_value_that_is_not_kept_goes_back_and_says_why(whole: WholeWindow) -> None:
    row = panel_of(whole).rows["top_k"]
    assert isinstance(row.field, NumberField)
    whole.core.fail("set_setting", Problem("storage_full", {"folder": "/home/ana"}))
    row.field.box.setValue(12)
    whole.qtbot.waitUntil(lambda: row.trouble.isVisibleTo(row))
    assert row.field.box.value() == 40
    assert "/home/ana" in row.trouble.text()


def test_the_wheel_scrolls_the_form_and_changes_nothing(whole: WholeWindow, qtbot: QtBot) -> None:
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent

    box = panel_of(whole).rows["top_k"].field.input()
    whole.workspace.composer.focus_field()
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(0, 120),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, event)
    qtbot.wait(10)
    assert whole.core.settings["top_k"] == 40


def choose(whole: WholeWindow, name: str, value: str) -> None:
    field = panel_of(whole).rows[name].field
    assert isinstance(field, ChoiceField)
    at = field.box.findData(value)
    field.box.setCurrentIndex(at)
    field.box.activated.emit(at)


def test_the_theme_changes_at_once(whole: WholeWindow, qapp: QApplication) -> None:
    assert qapp.palette().color(QPalette.ColorRole.WindowText).name() == LIGHT.text.lower()
    choose(whole, "theme", "dark")
    whole.qtbot.waitUntil(
        lambda: qapp.palette().color(QPalette.ColorRole.WindowText).name() == DARK.text.lower()
    )


def test_the_language_changes_at_once_and_nothing_is_lost(whole: WholeWindow) -> None:
    whole.click_chat("Museum tickets")
    whole.wait_for_chat(2)
    whole.qtbot.keyClicks(whole.workspace.composer.field, "half a question")
    before = whole.workspace
    choose(whole, "language", "es")
    whole.qtbot.waitUntil(lambda: whole.workspace is not before)
    assert i18n.language() == "es"
    assert whole.workspace.composer.field.toPlainText() == "half a question"
    assert whole.session.chats.current == 2
    assert whole.workspace.panel == "settings"
    chosen = panel_of(whole).rows["language"].field.input()
    whole.qtbot.waitUntil(lambda: whole.window.focusWidget() is chosen)
    # the widgets of before are gone and nothing still calls them
    whole.ask(" and its end")
    whole.qtbot.waitUntil(lambda: len(whole.session.conversation.turns) == 2)
    whole.qtbot.waitUntil(lambda: not whole.session.conversation.running)


def test_qts_own_texts_are_spanish_too(whole: WholeWindow) -> None:
    choose(whole, "language", "es")
    whole.qtbot.waitUntil(lambda: i18n.language() == "es")
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    whole.qtbot.addWidget(box)
    assert box.button(QDialogButtonBox.StandardButton.Cancel).text().replace("&", "") == "Cancelar"


@pytest.mark.parametrize("round_trip", [("es", "en"), ("en", "es", "en")])
def test_the_window_can_change_its_language_again_and_again(
    whole: WholeWindow, round_trip: tuple[str, ...]
) -> None:
    for code in round_trip:
        choose(whole, "language", code)
        whole.qtbot.waitUntil(lambda code=code: i18n.language() == code)
    whole.core.pin_chat(1, True)
    whole.qtbot.waitUntil(lambda: whole.session.chats.groups[0].name == "pinned")


def test_a_value_that_something_else_changed_shows_in_the_form(whole: WholeWindow) -> None:
    rows = panel_of(whole).rows
    switch, path = rows["offline"].field, rows["model_path"].field
    assert isinstance(switch, SwitchField)
    assert isinstance(path, PathField)
    offline = switch.box.isChecked()
    whole.session.downloads.set_offline(not offline)
    whole.qtbot.waitUntil(lambda: switch.box.isChecked() is not offline)
    whole.core.settings["model_path"] = "/models/another.gguf"  # as loading a model does
    whole.session.models.refresh()
    whole.qtbot.waitUntil(lambda: path.line.text() == "/models/another.gguf")


def test_what_a_field_refuses_is_told_there_with_what_to_do_and_nowhere_else(whole: WholeWindow) -> None:
    row = panel_of(whole).rows["hub_address"]
    whole.core.fail(
        "set_setting", Problem("bad_setting", {"name": "hub_address", "value": "x", "address": 1})
    )
    row.field.changed.emit("x")
    whole.qtbot.waitUntil(row.trouble.isVisible)
    assert "https" in row.trouble.text()
    assert whole.workspace.notices.bars == []
    whole.workspace.close_panel()
    whole.core.fail(
        "set_setting", Problem("bad_setting", {"name": "hub_address", "value": "x", "address": 1})
    )
    row.field.changed.emit("x")
    whole.qtbot.waitUntil(lambda: len(whole.workspace.notices.bars) == 1)
