"""System prompts in the real window: chosen, filled in, changed for a chat; the library with its versions."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog

from desktop.core.types.prompts import Example, PromptContent
from desktop.ui.panels.system_prompt import SystemPromptPanel
from desktop.ui.prompts.page import PromptsPage
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture

GUIDE = PromptContent(
    "Guide", "You know {{city}}. Answer in {{mood}}.", (Example("Lift?", "Yes."),), {"mood": "joy"}
)
LEFT = Qt.MouseButton.LeftButton
CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    return open_window(core_with_chats())


def guide(whole: WholeWindow) -> str:
    return whole.core.prompt_store.save_prompt("", GUIDE, "Museum").info.key


def panel_of(whole: WholeWindow, chat: str = "Sourdough", number: int = 1) -> SystemPromptPanel:
    whole.click_chat(chat)
    whole.wait_for_chat(number)
    whole.workspace.open_panel("system_prompt")
    panel = whole.window.findChild(SystemPromptPanel)
    assert isinstance(panel, SystemPromptPanel)
    whole.qtbot.waitUntil(lambda: not panel.editor.isReadOnly())
    return panel


def page_of(whole: WholeWindow, key: str = "") -> PromptsPage:
    page = whole.workspace.show_page("prompts")
    assert isinstance(page, PromptsPage)
    whole.qtbot.waitUntil(lambda: page.list.rows.count() > 0)
    if key:
        whole.session.prompt_library.open(key)
        whole.qtbot.waitUntil(lambda: page.editor.isVisible())
    return page


# ── the panel of a chat ───────────────────────────────────────────────────────────────────────────


def test_a_prompt_is_found_by_typing_and_chosen_with_enter(whole: WholeWindow) -> None:
    guide(whole)
    panel = panel_of(whole)
    whole.qtbot.mouseClick(panel.pick, LEFT)
    assert panel.list.search.hasFocus()
    whole.qtbot.keyClicks(panel.list.search, "you know city")
    whole.qtbot.waitUntil(lambda: panel.list.rows.count() == 2)
    whole.qtbot.keyClick(panel.list.search, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: panel.editor.toPlainText() == GUIDE.text)
    assert not panel.list.isVisible()
    assert panel.pick.text() == "Guide"
    assert panel.state.text() in ("Saved", "As in the library.")
    assert list(panel.variables.fields) == ["city", "mood"]
    assert panel.variables.fields["mood"].placeholderText() == "joy"
    assert panel.examples.examples == GUIDE.examples


def test_a_chat_is_offered_no_prompt_that_was_never_saved(whole: WholeWindow) -> None:
    whole.core.prompt_store.save_prompt_draft("draft", PromptContent("Half"), "Museum")
    panel = panel_of(whole)
    whole.qtbot.mouseClick(panel.pick, LEFT)
    whole.qtbot.waitUntil(lambda: panel.list.rows.count() > 20)
    rows = [panel.list.rows.item(row).text() for row in range(panel.list.rows.count())]
    assert "Museum" not in rows
    assert not any("Half" in text for text in rows)


def test_what_is_filled_in_shows_as_the_model_gets_it(whole: WholeWindow) -> None:
    whole.core.choose_prompt(1, guide(whole))
    panel = panel_of(whole)
    panel.preview_switch.setChecked(True)
    whole.qtbot.keyClicks(panel.variables.fields["city"], "Rome")
    whole.qtbot.waitUntil(lambda: "You know Rome. Answer in joy." in panel.preview.toPlainText())
    assert "> Lift?\nYes." in panel.preview.toPlainText()
    assert panel.variables.fields["city"].text() == "Rome"


def test_a_question_that_waits_for_a_value_leads_to_its_field(whole: WholeWindow) -> None:
    whole.core.choose_prompt(1, guide(whole))
    whole.click_chat("Sourdough")
    whole.wait_for_chat(1)
    whole.qtbot.waitUntil(lambda: whole.session.system_prompt.prompt.missing == ("city",))
    before = len(whole.core.chats.get(1).messages)
    whole.session.conversation.send("Where to?")
    whole.qtbot.waitUntil(lambda: whole.workspace.panel == "system_prompt")
    panel = whole.window.findChild(SystemPromptPanel)
    assert isinstance(panel, SystemPromptPanel)
    whole.qtbot.waitUntil(lambda: panel.variables.fields["city"].hasFocus())
    assert len(whole.core.chats.get(1).messages) == before
    assert whole.session.conversation.draft == "Where to?"
    whole.qtbot.keyClicks(panel.variables.fields["city"], "Rome")
    whole.qtbot.waitUntil(lambda: whole.session.conversation.problem is None)


def test_a_change_for_one_chat_is_told_and_taken_back(whole: WholeWindow) -> None:
    key = guide(whole)
    whole.core.choose_prompt(1, key)
    panel = panel_of(whole)
    assert not panel.take_back.isVisible()
    panel.editor.setPlainText("Only rain.")
    whole.qtbot.waitUntil(lambda: whole.core.chats.get(1).system_prompt == "Only rain.")
    assert panel.take_back.isVisible()
    assert panel.as_version.isVisible()
    whole.qtbot.mouseClick(panel.take_back, LEFT)
    whole.qtbot.waitUntil(lambda: panel.editor.toPlainText() == GUIDE.text)
    assert whole.core.open_prompt(key).result().content == GUIDE


def test_a_change_becomes_a_version_or_a_prompt_of_its_own(whole: WholeWindow) -> None:
    key = guide(whole)
    whole.core.choose_prompt(1, key)
    panel = panel_of(whole)
    panel.editor.setPlainText("Second.")
    whole.qtbot.waitUntil(panel.as_version.isVisible)
    whole.qtbot.mouseClick(panel.as_version, LEFT)
    whole.qtbot.waitUntil(lambda: whole.core.open_prompt(key).result().info.version == 2)
    whole.qtbot.waitUntil(lambda: not panel.as_version.isVisible())
    panel.editor.setPlainText("Third.")
    whole.qtbot.mouseClick(panel.as_new, LEFT)
    asked = panel.findChild(QInputDialog)
    assert isinstance(asked, QInputDialog)
    asked.setTextValue("Another")
    asked.accept()
    whole.qtbot.waitUntil(lambda: panel.pick.text() == "Another")
    assert whole.core.open_prompt(key).result().content.text == "Second."
    assert whole.core.chats.get(1).system_prompt == "Third."


def test_examples_are_edited_as_turns(whole: WholeWindow) -> None:
    panel = panel_of(whole)
    whole.qtbot.mouseClick(panel.examples.add, LEFT)
    row = panel.examples._rows[0]
    assert row.question.hasFocus()
    whole.qtbot.keyClicks(row.question, "Hi")
    whole.qtbot.keyClicks(row.reply, "Ho")
    expected = (Example("Hi", "Ho"),)
    whole.qtbot.waitUntil(lambda: whole.core.chat_prompt(1).result().examples == expected)
    whole.qtbot.mouseClick(row.remove, LEFT)
    whole.qtbot.waitUntil(lambda: whole.core.chat_prompt(1).result().examples == ())


def test_a_prompt_becomes_what_new_chats_with_a_model_begin_with(whole: WholeWindow) -> None:
    key = guide(whole)
    whole.core.choose_prompt(1, key)
    panel = panel_of(whole)
    panel._fill_menu()
    every, this = panel._menu.actions()
    assert "SmolLM2" in this.text()
    this.trigger()
    path = whole.session.models.chosen_path
    whole.qtbot.waitUntil(lambda: whole.core.prompt_store.defaults == {path: key})
    every.trigger()
    whole.qtbot.waitUntil(lambda: whole.core.prompt_store.defaults == {path: key, "": key})
    page = page_of(whole, key)
    page.editor._fill_menu(page.editor.more.menu())
    for action in page.editor.more.menu().actions():
        if action.text().startswith("No longer"):
            action.trigger()
    whole.qtbot.waitUntil(lambda: whole.core.prompt_store.defaults == {})


# ── the library ───────────────────────────────────────────────────────────────────────────────────


def test_the_library_opens_by_its_keys_and_from_the_panel(whole: WholeWindow) -> None:
    whole.qtbot.keyClick(whole.window, Qt.Key.Key_I, CONTROL_SHIFT)
    assert whole.workspace.middle.page == "prompts"
    assert whole.workspace.sidebar.entries["prompts"].isChecked()
    panel = panel_of(whole)
    whole.qtbot.mouseClick(panel.to_library, LEFT)
    assert whole.workspace.middle.page == "prompts"


def test_a_new_prompt_is_a_draft_from_the_first_words_and_a_version_when_saved(whole: WholeWindow) -> None:
    page = page_of(whole)
    whole.qtbot.mouseClick(page.add, LEFT)
    whole.qtbot.keyClicks(page.editor.text, "Be brief.")
    whole.qtbot.waitUntil(lambda: len(whole.core.prompt_store.drafts) == 1)
    assert not page.editor.save.isEnabled()
    whole.qtbot.keyClicks(page.editor.name, "Short")
    whole.qtbot.waitUntil(page.editor.save.isEnabled)
    whole.qtbot.mouseClick(page.editor.save, LEFT)
    whole.qtbot.waitUntil(lambda: not whole.core.prompt_store.drafts)
    (prompt,) = whole.core.prompt_store.prompts()
    assert (prompt.content, prompt.info.version) == (PromptContent("Short", "Be brief."), 1)
    whole.qtbot.waitUntil(lambda: page.list.key == prompt.info.key)


def test_what_is_not_saved_is_there_again_when_the_prompt_is_opened_anew(whole: WholeWindow) -> None:
    key = guide(whole)
    page = page_of(whole, key)
    page.editor.text.setPlainText("Half a")
    whole.session.prompt_library.open("explain.en")
    whole.qtbot.waitUntil(lambda: page.editor.name.text() == "Explain")
    assert page.editor.text.isReadOnly()
    whole.session.prompt_library.open(key)
    whole.qtbot.waitUntil(lambda: page.editor.text.toPlainText() == "Half a")
    assert page.editor.save.isEnabled()
    whole.qtbot.mouseClick(page.editor.discard, LEFT)
    whole.qtbot.waitUntil(lambda: page.editor.text.toPlainText() == GUIDE.text)
    assert not whole.core.prompt_store.drafts


def test_a_version_is_compared_word_by_word_and_restored(whole: WholeWindow) -> None:
    key = guide(whole)
    whole.core.prompt_store.save_prompt(key, PromptContent("Guide", "You know Paris."), "Museum")
    page = page_of(whole, key)
    versions = page.editor.versions
    whole.qtbot.waitUntil(lambda: versions.choice.count() == 3)
    versions.choice.activated.emit(versions.choice.findData(1))
    whole.qtbot.waitUntil(lambda: "{{city}}" in versions.differences.toPlainText())
    assert "Paris" in versions.differences.toPlainText()
    whole.qtbot.mouseClick(versions.restore, LEFT)
    whole.qtbot.waitUntil(lambda: page.editor.text.toPlainText() == GUIDE.text)
    assert whole.core.open_prompt(key).result().info.version == 3


def test_a_ready_made_prompt_is_duplicated_and_the_copy_can_be_changed(whole: WholeWindow) -> None:
    page = page_of(whole, "tutor.en")
    assert page.editor.note.isVisible()
    assert not page.editor.save.isVisible()
    whole.qtbot.mouseClick(page.editor.duplicate, LEFT)
    whole.qtbot.waitUntil(lambda: page.editor.name.text() == "Tutor (2)")
    assert not page.editor.text.isReadOnly()


def test_a_folder_is_renamed_with_what_is_in_it(whole: WholeWindow) -> None:
    key = guide(whole)
    page = page_of(whole, key)
    page._ask_for_folder("Museum")
    asked = page.findChild(QInputDialog)
    assert isinstance(asked, QInputDialog)
    asked.setTextValue("Trips")
    asked.accept()
    whole.qtbot.waitUntil(lambda: page.editor.folder.currentText() == "Trips")
    assert whole.core.open_prompt(key).result().info.folder == "Trips"


def test_a_deleted_prompt_can_be_brought_back(whole: WholeWindow) -> None:
    key = guide(whole)
    page = page_of(whole, key)
    whole.session.prompt_library.delete()
    whole.qtbot.waitUntil(page.undo_bar.isVisible)
    assert not page.editor.isVisible()
    whole.qtbot.mouseClick(page.undo, LEFT)
    whole.qtbot.waitUntil(lambda: page.editor.isVisible() and page.editor.name.text() == "Guide")
    assert not page.undo_bar.isVisible()


def test_a_prompt_of_the_library_is_used_in_the_chat_in_front(whole: WholeWindow) -> None:
    whole.click_chat("Sourdough")
    whole.wait_for_chat(1)
    page = page_of(whole, guide(whole))
    whole.qtbot.mouseClick(page.editor.use, LEFT)
    whole.qtbot.waitUntil(lambda: whole.core.chats.get(1).system_prompt == GUIDE.text)
    assert whole.workspace.middle.page == "chat"


def test_a_file_of_prompts_comes_in_and_a_bad_one_is_told_of_on_the_page(
    whole: WholeWindow, tmp_path: Path
) -> None:
    page = page_of(whole)
    text, bad = tmp_path / "Hello.md", tmp_path / "bad.json"
    text.write_text("Say hello.", "utf-8")
    bad.write_text("{", "utf-8")
    page.ask_for_file()
    dialog = page.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.filesSelected.emit([str(text)])
    dialog.reject()
    whole.qtbot.waitUntil(lambda: page.editor.isVisible() and page.editor.name.text() == "Hello")
    assert page.said.text() == "1 prompt was added."
    page._import([str(bad)])
    whole.qtbot.waitUntil(lambda: "No prompts could be read from bad.json" in page.said.text())


def test_in_a_narrow_window_the_list_or_the_prompt_is_shown(whole: WholeWindow) -> None:
    page = page_of(whole, guide(whole))
    page.resize(400, 500)
    whole.window.resize(720, 480)
    whole.workspace.unfold_sidebar()
    whole.qtbot.waitUntil(lambda: not page.list.isVisible())
    whole.qtbot.mouseClick(page.back, LEFT)
    whole.qtbot.waitUntil(page.list.isVisible)
    whole.qtbot.mouseClick(page.back, LEFT)
    assert whole.workspace.middle.page == "chat"
