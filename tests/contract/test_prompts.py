"""System prompts of every core, the real one and the one of the window's tests."""

from pathlib import Path

import msgspec

from desktop.core.contract import Core
from desktop.core.types.prompts import Example, PromptContent
from tests.contract.conftest import code_of
from tests.fakes.core import FakeCore
from tests.fakes.house import PATIENCE_S

POEM = PromptContent(
    "Poems", "Write about {{topic}} in {{mood}}.", (Example("The {{topic}}", "Blue."),), {"mood": "joy"}
)


def new_chat(core: Core) -> int:
    return core.create_chat().result(PATIENCE_S).info.id


def names(core: Core, query: str = "", *, hidden: bool = False) -> list[str]:
    return [one.name for one in core.list_prompts(query, hidden=hidden).result(PATIENCE_S)]


# ── the library ──


def test_prompts_come_with_the_program_in_both_languages_and_stay_as_they_are(core: Core) -> None:
    found = core.list_prompts().result(PATIENCE_S)
    assert {one.language for one in found} == {"en", "es"}
    assert not any(one.own for one in found)
    explain = core.open_prompt("explain.en").result(PATIENCE_S)
    assert code_of(core.save_prompt("explain.en", POEM)) == "ready_made_prompt"
    assert code_of(core.delete_prompt("explain.en")) == "ready_made_prompt"
    assert code_of(core.save_prompt_draft("explain.en", POEM)) == "ready_made_prompt"
    copy = core.duplicate_prompt("explain.en").result(PATIENCE_S)
    assert (copy.info.name, copy.info.own, copy.content.text) == ("Explain (2)", True, explain.content.text)
    assert core.duplicate_prompt("explain.en").result(PATIENCE_S).info.name == "Explain (3)"


def test_those_that_nobody_wants_are_hidden_and_can_be_seen_again(core: Core) -> None:
    core.hide_prompt("tutor.es", True).result(PATIENCE_S)
    assert len(names(core, hidden=True)) == len(names(core)) + 1
    core.hide_prompt("tutor.es", False).result(PATIENCE_S)
    assert len(names(core, hidden=True)) == len(names(core))
    assert code_of(core.hide_prompt("nothing", True)) == "unknown_prompt"


def test_prompts_are_found_by_what_they_say_however_it_is_accented(core: Core) -> None:
    core.save_prompt("", PromptContent("Café", "Habla del jardín.", (Example("¿Ñandú?", "Sí."),)), "Ocio")
    assert names(core, "jardin HABLA") == ["Café"]
    assert names(core, "nandu") == ["Café"]
    assert names(core, "ocio") == ["Café"]
    assert names(core, "jardin nowhere") == []


def test_a_save_is_a_version_that_can_be_compared_and_restored(core: Core) -> None:
    key = core.save_prompt("", POEM, "Letters").result(PATIENCE_S).info.key
    second = msgspec.structs.replace(POEM, text="Write about {{topic}} in sadness.")
    core.save_prompt(key, second, "Letters").result(PATIENCE_S)
    newest, first = core.prompt_versions(key).result(PATIENCE_S)
    (change,) = core.compare_prompts(first.content, newest.content).result(PATIENCE_S)
    assert [one.text for one in change.words if one.kind == "added"] == ["sadness"]
    restored = core.restore_prompt_version(key, 1).result(PATIENCE_S)
    assert (restored.content, restored.info.version, restored.info.folder) == (POEM, 3, "Letters")
    assert code_of(core.restore_prompt_version(key, 9)) == "unknown_prompt_version"


def test_a_prompt_needs_a_name_and_has_its_limits(core: Core) -> None:
    assert code_of(core.save_prompt("", PromptContent("  \n "))) == "prompt_not_named"
    assert code_of(core.save_prompt("", PromptContent("n" * 81))) == "prompt_not_named"
    assert code_of(core.save_prompt("", PromptContent("n", "x" * 200_001))) == "prompt_too_long"
    assert code_of(core.save_prompt_draft("k", PromptContent("n", "x" * 200_001))) == "prompt_too_long"
    saved = core.save_prompt("", PromptContent(" a \n b ", "", (Example(" ", ""),)), " c \n d ")
    assert saved.result(PATIENCE_S).content == PromptContent("a b")
    assert saved.result().info.folder == "c d"


def test_a_draft_is_shown_with_its_prompt_until_it_is_saved_or_given_up(core: Core) -> None:
    key = core.save_prompt("", POEM).result(PATIENCE_S).info.key
    draft = msgspec.structs.replace(POEM, text="Half a")
    core.save_prompt_draft(key, draft).result(PATIENCE_S)
    core.save_prompt_draft("new", PromptContent("Later"), "Home").result(PATIENCE_S)
    assert core.open_prompt(key).result(PATIENCE_S).draft == draft
    new = core.open_prompt("new").result(PATIENCE_S)
    assert (new.info.version, new.info.has_draft, new.info.folder) == (0, True, "Home")
    assert code_of(core.choose_prompt(new_chat(core), "new")) == "unknown_prompt"
    assert code_of(core.set_default_prompt("new")) == "unknown_prompt"
    core.save_prompt_draft(key, None).result(PATIENCE_S)
    assert core.open_prompt(key).result(PATIENCE_S).draft is None
    assert core.save_prompt("new", PromptContent("Now")).result(PATIENCE_S).info.key == "new"


def test_a_deleted_prompt_comes_back_and_chats_keep_what_it_says(core: Core) -> None:
    key = core.save_prompt("", POEM).result(PATIENCE_S).info.key
    chat = new_chat(core)
    core.choose_prompt(chat, key).result(PATIENCE_S)
    core.delete_prompt(key).result(PATIENCE_S)
    assert code_of(core.open_prompt(key)) == "unknown_prompt"
    assert code_of(core.choose_prompt(chat, key)) == "unknown_prompt"
    found = core.chat_prompt(chat).result(PATIENCE_S)
    assert (found.content, found.newest, found.differs) == (POEM, 0, False)
    assert core.undelete_prompt(key).result(PATIENCE_S).content == POEM


def test_folders_are_moved_to_and_renamed(core: Core) -> None:
    key = core.save_prompt("", POEM, "Letters").result(PATIENCE_S).info.key
    core.rename_prompt_folder("Letters", "Post").result(PATIENCE_S)
    assert core.open_prompt(key).result(PATIENCE_S).info.folder == "Post"
    core.move_prompt(key, "").result(PATIENCE_S)
    assert core.open_prompt(key).result(PATIENCE_S).info.folder == ""
    assert code_of(core.move_prompt("nothing", "Post")) == "unknown_prompt"


def test_folders_lie_in_each_other_and_are_renamed_with_what_is_in_them(core: Core) -> None:
    key = core.save_prompt("", POEM, " Work /  Letters to / ").result(PATIENCE_S).info.key
    assert core.open_prompt(key).result(PATIENCE_S).info.folder == "Work/Letters to"
    core.rename_prompt_folder("Work", "Office / Old").result(PATIENCE_S)
    assert core.open_prompt(key).result(PATIENCE_S).info.folder == "Office/Old/Letters to"
    core.rename_prompt_folder("Office/Old", "").result(PATIENCE_S)
    assert core.open_prompt(key).result(PATIENCE_S).info.folder == "Letters to"


# ── of chats ──


def test_a_chat_takes_a_prompt_with_what_it_asks_for_filled_in(core: Core) -> None:
    key = core.save_prompt("", POEM).result(PATIENCE_S).info.key
    chat = new_chat(core)
    found = core.choose_prompt(chat, key).result(PATIENCE_S)
    assert (found.key, found.version, found.newest, found.source) == (key, 1, 1, "chat")
    assert (found.wanted, found.missing) == (("topic", "mood"), ("topic",))
    assert code_of(core.send(chat, "Go")) == "prompt_values_missing"
    assert core.open_chat(chat).result(PATIENCE_S).messages == ()
    found = core.set_prompt_values(chat, {"topic": "the sea", "mood": " "}).result(PATIENCE_S)
    assert (found.text, found.missing) == ("Write about the sea in joy.", ())
    assert found.examples == (Example("The the sea", "Blue."),)
    core.send(chat, "Go").result(PATIENCE_S)
    assert len(core.open_chat(chat).result(PATIENCE_S).messages) == 2


def test_a_change_for_one_chat_leaves_the_library_alone_and_can_be_taken_back(core: Core) -> None:
    key = core.save_prompt("", POEM).result(PATIENCE_S).info.key
    chat = new_chat(core)
    core.choose_prompt(chat, key).result(PATIENCE_S)
    changed = PromptContent("Poems", "Only rain.")
    found = core.edit_chat_prompt(chat, changed).result(PATIENCE_S)
    assert (found.differs, found.content, found.key, found.missing) == (True, changed, key, ())
    assert core.open_prompt(key).result(PATIENCE_S).content == POEM
    assert core.open_chat(chat).result(PATIENCE_S).system_prompt == "Only rain."
    assert not core.choose_prompt(chat, key).result(PATIENCE_S).differs
    core.save_prompt(key, changed).result(PATIENCE_S)
    found = core.chat_prompt(chat).result(PATIENCE_S)
    assert (found.version, found.newest, found.content) == (1, 2, POEM)


def test_new_chats_begin_with_their_models_prompt_or_that_of_all_or_the_settings_text(core: Core) -> None:
    core.set_setting("system_prompt", "Be kind.").result(PATIENCE_S)
    chat = new_chat(core)
    found = core.chat_prompt(chat).result(PATIENCE_S)
    assert (found.text, found.source, found.key) == ("Be kind.", "settings", "")
    key = core.save_prompt("", PromptContent("Rude", "Be rude.")).result(PATIENCE_S).info.key
    core.set_default_prompt(key).result(PATIENCE_S)
    found = core.chat_prompt(chat).result(PATIENCE_S)
    assert (found.text, found.source, found.key) == ("Be rude.", "default", key)
    assert core.open_prompt(key).result(PATIENCE_S).info.default_for == ("",)
    core.send(chat, "Go").result(PATIENCE_S)
    core.set_default_prompt("").result(PATIENCE_S)
    assert core.chat_prompt(chat).result(PATIENCE_S).text == "Be rude."
    assert core.chat_prompt(new_chat(core)).result(PATIENCE_S).text == "Be kind."
    assert code_of(core.set_default_prompt("nothing")) == "unknown_prompt"


def test_a_text_of_ones_own_is_no_default_any_more(core: Core) -> None:
    key = core.save_prompt("", PromptContent("Rude", "Be rude.")).result(PATIENCE_S).info.key
    chat, other = new_chat(core), new_chat(core)
    core.set_system_prompt(chat, "Be brief.").result(PATIENCE_S)
    core.set_default_prompt(key).result(PATIENCE_S)
    assert core.chat_prompt(chat).result(PATIENCE_S).text == "Be brief."
    changed = core.edit_chat_prompt(other, PromptContent("Rude", "Be ruder.")).result(PATIENCE_S)
    assert (changed.key, changed.source, changed.differs) == (key, "chat", True)
    back = core.choose_prompt(other, "").result(PATIENCE_S)
    assert (back.text, back.source) == ("Be rude.", "default")


def test_the_programs_own_variables_are_filled_in_and_stay_in_a_chat(core: Core) -> None:
    chat = new_chat(core)
    text = "{{date}} {{time}} {{language}} {{model}} \\{{date}} {{ask}}"
    core.edit_chat_prompt(chat, PromptContent("", text)).result(PATIENCE_S)
    core.set_prompt_values(chat, {"ask": "{{date}}"}).result(PATIENCE_S)
    core.send(chat, "Go").result(PATIENCE_S)
    found = core.chat_prompt(chat).result(PATIENCE_S)
    assert found.wanted == ("ask",)
    assert "English" in found.text
    assert found.text.endswith("{{date}} {{date}}")
    core.send(chat, "Go").result(PATIENCE_S)
    assert core.chat_prompt(chat).result(PATIENCE_S).text == found.text


def test_a_prompt_can_be_expanded_outside_of_a_chat(core: Core) -> None:
    key = core.save_prompt("", POEM).result(PATIENCE_S).info.key
    assert core.expand_prompt(key, {}).result(PATIENCE_S).missing == ("topic",)
    assert core.expand_prompt(key, {"topic": "tea"}).result(PATIENCE_S).text == "Write about tea in joy."
    assert core.expand_prompt("", {}).result(PATIENCE_S).source == "settings"
    assert code_of(core.expand_prompt("nothing", {})) == "unknown_prompt"


def test_chats_and_prompts_that_are_not_there_are_said(core: Core) -> None:
    content = PromptContent()
    for call in (
        core.chat_prompt(999),
        core.choose_prompt(999, "explain.en"),
        core.edit_chat_prompt(999, content),
    ):
        assert code_of(call) == "unknown_chat"
    assert code_of(core.set_prompt_values(999, {})) == "unknown_chat"
    assert code_of(core.open_prompt("nothing")) == "unknown_prompt"
    assert code_of(core.prompt_versions("nothing")) == "unknown_prompt"
    assert code_of(core.duplicate_prompt("nothing")) == "unknown_prompt"


# ── files ──


def test_what_is_exported_comes_back_identical_in_another_place(core: Core, tmp_path: Path) -> None:
    key = core.save_prompt("", POEM, "Letters").result(PATIENCE_S).info.key
    core.save_prompt(key, PromptContent("Poems", "Two\n\nlines \\{{x}} ñ 🪴"), "Letters").result(PATIENCE_S)
    versions = core.prompt_versions(key).result(PATIENCE_S)
    file, again = tmp_path / "prompts.json", tmp_path / "again.json"
    assert core.export_prompts(str(file)).result(PATIENCE_S) == 1
    assert core.import_prompts(str(file)).result(PATIENCE_S).present == 1
    other = FakeCore()
    assert other.import_prompts(str(file)).result(PATIENCE_S).added == (key,)
    assert other.prompt_versions(key).result(PATIENCE_S) == versions
    assert other.open_prompt(key).result(PATIENCE_S).info.folder == "Letters"
    other.export_prompts(str(again)).result(PATIENCE_S)
    assert again.read_bytes() == file.read_bytes()


def test_a_place_that_takes_no_file_is_told(core: Core, tmp_path: Path) -> None:
    assert code_of(core.export_prompts(str(tmp_path / "nowhere" / "prompts.json"))) == "export_not_written"


def test_the_text_of_one_prompt_goes_out_and_comes_in_plain(core: Core, tmp_path: Path) -> None:
    file = tmp_path / "Mi poema.md"
    core.export_prompts(str(file), ("explain.es",)).result(PATIENCE_S)
    text = core.open_prompt("explain.es").result(PATIENCE_S).content.text
    assert file.read_text("utf-8") == text
    (key,) = core.import_prompts(str(file)).result(PATIENCE_S).added
    assert core.open_prompt(key).result(PATIENCE_S).content == PromptContent("Mi poema", text)
