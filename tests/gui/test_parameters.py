"""How replies are made, changed where it is used: for this chat or this model, with presets."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox

from desktop.core.types import Problem
from desktop.ui.panels.frame import PanelFrame
from desktop.ui.panels.parameters import ParametersPanel
from desktop.view_models.parameters import FIRST, OTHERS
from tests.fakes.samples import SMOLLM
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture

LEFT = Qt.MouseButton.LeftButton


def shown(open_window: Open) -> tuple[WholeWindow, ParametersPanel]:  # noqa: F811
    whole = open_window(core_with_chats())
    whole.session.conversation.open(2)
    whole.wait_for_chat(2)
    whole.core.model_values[SMOLLM] = {"top_k": 20}
    whole.core.chat_values[2] = {"seed": 7}
    whole.workspace.commands.run("parameters")
    frame = whole.workspace.side.made("parameters")
    assert isinstance(frame, PanelFrame)
    panel = frame.content
    assert isinstance(panel, ParametersPanel)
    whole.qtbot.waitUntil(lambda: whole.session.parameters.source("seed") == "chat")
    return whole, panel


def test_every_value_says_where_it_comes_from(open_window: Open) -> None:  # noqa: F811
    _whole, panel = shown(open_window)
    sources = {name: row.source.text() for name, row in panel.rows.items()}
    assert sources["seed"] == "from this chat"
    assert sources["top_k"] == "from this model"
    assert sources["temperature"] == "from the settings"
    assert [name for name, row in panel.rows.items() if row.reset.isVisible()] == ["seed"]


def test_a_value_that_is_typed_counts_for_the_chat_alone_and_can_be_taken_back(
    open_window: Open,  # noqa: F811
) -> None:
    whole, panel = shown(open_window)
    box = panel.rows["temperature"].field.input()
    assert isinstance(box, QDoubleSpinBox)
    box.setFocus()
    box.selectAll()
    whole.qtbot.keyClicks(box, "1.25")
    whole.qtbot.keyClick(box, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: whole.core.chat_values.get(2) == {"seed": 7, "temperature": 1.25})
    whole.qtbot.waitUntil(lambda: panel.rows["temperature"].source.text() == "from this chat")
    assert whole.core.settings["temperature"] == 0.7
    whole.qtbot.mouseClick(panel.rows["temperature"].reset, LEFT)
    whole.qtbot.waitUntil(lambda: whole.core.chat_values.get(2) == {"seed": 7})
    whole.qtbot.mouseClick(panel.reset_all, LEFT)
    whole.qtbot.waitUntil(lambda: whole.core.chat_values.get(2) == {})


def test_the_model_has_values_of_its_own(open_window: Open) -> None:  # noqa: F811
    whole, panel = shown(open_window)
    whole.qtbot.mouseClick(panel.scopes["model"], LEFT)
    whole.qtbot.waitUntil(lambda: panel.rows["seed"].source.text() == "from the settings")
    whole.session.parameters.set("top_p", 0.5)
    whole.qtbot.waitUntil(lambda: whole.core.model_values[SMOLLM] == {"top_k": 20, "top_p": 0.5})
    assert whole.core.chat_values[2] == {"seed": 7}


def test_presets_are_applied_saved_and_deleted(open_window: Open) -> None:  # noqa: F811
    whole, panel = shown(open_window)
    whole.qtbot.waitUntil(lambda: panel.presets.findData("creative") > 0)
    panel.presets.setCurrentIndex(panel.presets.findData("creative"))
    panel.presets.activated.emit(panel.presets.currentIndex())
    whole.qtbot.waitUntil(lambda: whole.session.parameters.preset_in_use() == "creative")
    assert not panel.delete.isEnabled()
    whole.qtbot.mouseClick(panel.save, LEFT)
    whole.qtbot.keyClicks(panel.name, "Mine")
    whole.qtbot.keyClick(panel.name, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: panel.presets.findData("Mine") > 0)
    panel.presets.setCurrentIndex(panel.presets.findData("Mine"))
    panel.presets.activated.emit(panel.presets.currentIndex())
    whole.qtbot.waitUntil(panel.delete.isEnabled)
    whole.qtbot.mouseClick(panel.delete, LEFT)
    whole.qtbot.waitUntil(lambda: panel.presets.findData("Mine") < 0)


def test_what_is_refused_is_said_at_its_place(open_window: Open) -> None:  # noqa: F811
    whole, panel = shown(open_window)
    whole.core.fail("set_reply_values", Problem("bad_setting", {"name": "top_p", "value": "2"}))
    whole.session.parameters.set("top_p", 0.4)
    whole.qtbot.waitUntil(panel.rows["top_p"].trouble.isVisible)
    assert panel.rows["top_p"].trouble.text()


def test_all_other_parameters_are_built_when_they_are_asked_for(open_window: Open) -> None:  # noqa: F811
    whole, panel = shown(open_window)
    assert list(panel.rows) == list(FIRST)
    whole.qtbot.mouseClick(panel.more, LEFT)
    whole.qtbot.waitUntil(lambda: list(panel.rows) == [*FIRST, *OTHERS])
