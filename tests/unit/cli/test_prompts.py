"""`sobremesa prompts`: what it asks of the core, and what it prints for people and for scripts."""

from collections.abc import Callable
from pathlib import Path

from desktop.core.types.prompts import Example, PromptContent
from tests.unit.cli.conftest import Typed
from tests.unit.cli.talking_core import TalkingCore

TypeIn = Callable[..., Typed]

POEM = PromptContent(
    "Poems", "Write about {{topic}}.", (Example("The sea", "Blue,\nblue."),), {"topic": "rain"}
)


def test_a_person_reads_their_prompts_by_folder_and_those_that_came_along(
    type_in: TypeIn, core: TalkingCore
) -> None:
    key = core.save_prompt("", POEM, "Letters").result().info.key
    core.save_prompt_draft(key, PromptContent("Poems", "Half"), "Letters").result()
    core.hide_prompt("tutor.en", True)
    listed = type_in("prompts")
    assert (listed.code, listed.err) == (0, "")
    lines = listed.out.splitlines()
    assert lines[:2] == ["Letters", "  Poems (with changes that are not saved)"]
    assert "Came with Sobremesa, in Spanish" in lines
    assert "  Tutor (hidden)" not in lines
    assert "  Tutor (hidden)" in type_in("prompts", "list", "--all").out.splitlines()
    assert type_in("prompts", "list", "nowhere to be found").out == "No prompt has these words.\n"


def test_a_question_is_asked_with_a_prompt_of_the_library(type_in: TypeIn, core: TalkingCore) -> None:
    core.save_prompt("", POEM, "Letters/Verse").result()
    assert type_in("chat", "--prompt", "poems", "--set", "topic=the sea = blue", "Go").code == 0
    told = ("user", "The sea"), ("assistant", "Blue,\nblue.")
    history = core.called("answer")[-1][0]
    assert [(one.role, one.content) for one in history] == [
        ("system", "Write about the sea = blue."),
        *told,
    ]
    type_in("chat", "--prompt", "poems", "Go")
    assert core.called("answer")[-1][0][0].content == "Write about rain."


def test_a_prompt_that_is_not_there_or_lacks_a_value_asks_nothing(type_in: TypeIn, core: TalkingCore) -> None:
    core.save_prompt("", PromptContent("Guide", "You know {{city}}.")).result()
    before = len(core.called("answer"))
    refused = type_in("chat", "--prompt", "nothing", "Go", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "unknown_prompt")
    refused = type_in("chat", "--prompt", "guide", "Go", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "prompt_values_missing")
    assert type_in("chat", "--prompt", "guide", "--system", "Be kind.", "Go").code == 2
    assert type_in("chat", "--prompt", "guide", "--set", "city", "Go").code == 2
    assert len(core.called("answer")) == before


def test_a_script_gets_one_object_for_each_prompt(type_in: TypeIn, core: TalkingCore) -> None:
    key = core.save_prompt("", POEM, "Letters").result().info.key
    shape = type_in("prompts", "list", "topic", "--json").json
    (mine,) = (one for one in shape["prompts"] if one["own"])
    assert mine["key"] == key
    assert set(mine) == {
        *("key", "name", "folder", "own", "language"),
        *("hidden", "version", "has_draft", "updated_at"),
    }


def test_a_prompt_is_shown_with_its_examples_by_name_or_key_in_any_version(
    type_in: TypeIn, core: TalkingCore
) -> None:
    key = core.save_prompt("", POEM, "Letters").result().info.key
    core.save_prompt(key, PromptContent("Poems", "Rhyme."), "Letters").result()
    newest = type_in("prompts", "show", "poems")
    assert newest.out.splitlines()[:2] == ["Poems", "Folder: Letters"]
    assert newest.out.rstrip().endswith("Rhyme.")
    first = type_in("prompts", "show", key, "--version", "1").out
    assert "> The sea\nBlue,\n  blue.\n" in first
    assert "{{topic}} = rain" in first
    shape = type_in("prompts", "show", key, "--version", "1", "--json").json
    assert shape["content"]["examples"] == [{"question": "The sea", "reply": "Blue,\nblue."}]
    assert [one["number"] for one in shape["versions"]] == [2, 1]
    refused = type_in("prompts", "show", key, "--version", "7")
    assert (refused.code, refused.err.splitlines()[0]) == (1, "The prompt has no version 7.")
    assert type_in("prompts", "show", key, "--version", "0").code == 2


def test_ones_own_prompt_goes_before_one_that_came_along(type_in: TypeIn, core: TalkingCore) -> None:
    assert "patient tutor" in type_in("prompts", "show", "Tutor").out
    core.save_prompt("", PromptContent("Tutor", "Mine.")).result()
    assert type_in("prompts", "show", "Tutor").out.rstrip().endswith("Mine.")
    refused = type_in("prompts", "show", "nobody")
    assert (refused.code, refused.err.splitlines()[0]) == (1, "There is no prompt called “nobody”.")


def test_prompts_go_into_a_file_and_come_out_of_it(
    type_in: TypeIn, core: TalkingCore, tmp_path: Path
) -> None:
    core.save_prompt("", POEM, "Letters").result()
    file = tmp_path / "prompts.json"
    done = type_in("prompts", "export", str(file))
    assert done.out == f"1 prompt is in {file} now.\n"
    assert type_in("prompts", "import", str(file)).out == "1 prompt was there already.\n"
    text = tmp_path / "Saludo.md"
    text.write_text("Saluda.", "utf-8")
    assert type_in("prompts", "import", str(text)).out == "1 prompt was added:\n  Saludo\n"
    assert type_in("prompts", "export", str(text), "--prompt", "poems", "--json").json["prompts"] == 1
    assert text.read_text("utf-8") == "Write about {{topic}}."
    shape = type_in("prompts", "import", str(file), "--json").json
    assert (shape["added"], shape["present"]) == ([], 1)


def test_a_file_that_is_none_is_refused_in_plain_words(type_in: TypeIn, tmp_path: Path) -> None:
    file = tmp_path / "half.json"
    file.write_text('{"format": "sobremesa-prompts", "ver', "utf-8")
    refused = type_in("prompts", "import", str(file))
    assert refused.code == 1
    assert refused.err.splitlines()[0] == (
        "No prompts could be read from half.json: it is no whole JSON; perhaps its end is missing. "
        "Nothing was added."
    )
    assert type_in("prompts", "import", str(file), "--json").json["error"]["code"] == "prompts_unreadable"


def test_a_chat_of_the_command_line_begins_as_new_chats_do(type_in: TypeIn, core: TalkingCore) -> None:
    key = core.save_prompt("", POEM).result().info.key
    core.set_default_prompt(key).result()
    assert type_in("chat", "Go").code == 0
    history = core.called("answer")[-1][0]
    assert [(m.role, m.content) for m in history] == [  # type: ignore[attr-defined]
        ("system", "Write about rain."),
        ("user", "The sea"),
        ("assistant", "Blue,\nblue."),
    ]
    core.save_prompt(key, PromptContent("Poems", "About {{who}}.")).result()
    refused = type_in("chat", "Go")
    assert (refused.code, "who" in refused.err) == (1, True)
