"""Prompts in the chats' database: versions, drafts, folders, deletions, and those of chats."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.chats.store import ChatStore
from desktop.core.errors import UnknownChat, UnknownPrompt, UnknownPromptVersion
from desktop.core.types.prompts import Example, KeptPrompt, PromptContent, PromptVersion

POEM = PromptContent("Poems", "Write a poem on {{topic}}.", (Example("The sea", "Blue."),), {"topic": "rain"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chats.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[ChatStore]:
    opened = ChatStore(path)
    yield opened
    opened.close()


def test_each_save_that_changes_something_is_a_version(store: ChatStore) -> None:
    made = store.save_prompt("", POEM, "Letters")
    key = made.info.key
    assert (made.info.name, made.info.folder, made.info.version) == ("Poems", "Letters", 1)
    assert store.save_prompt(key, POEM, "Home").info.version == 1
    other = PromptContent("Poems", "Rhyme.")
    assert store.save_prompt(key, other, "Home").info.version == 2
    assert [version.content for version in store.prompt_versions(key)] == [other, POEM]
    back = store.restore_prompt_version(key, 1)
    assert (back.content, back.info.version, back.info.folder) == (POEM, 3, "Home")
    with pytest.raises(UnknownPromptVersion):
        store.restore_prompt_version(key, 9)


def test_a_draft_is_kept_beside_its_prompt_until_it_is_saved(path: Path) -> None:
    store = ChatStore(path)
    key = store.save_prompt("", POEM, "").info.key
    half = PromptContent("Poems", "Write a po")
    store.save_prompt_draft(key, half, "")
    store.save_prompt_draft("never-saved", PromptContent("New", "Half a"), "Home")
    store._db.close()  # as a kill leaves it
    store = ChatStore(path)
    assert store.prompt(key).draft == half
    assert store.prompt(key).content == POEM
    new = store.prompt("never-saved")
    assert (new.info.version, new.info.name, new.info.folder) == (0, "New", "Home")
    assert store.save_prompt(key, half, "").draft is None
    assert store.save_prompt("never-saved", PromptContent("New", "Half a text"), "Home").info.version == 1
    assert len(store.prompts()) == 2
    store.close()


def test_folders_are_renamed_with_all_that_is_in_them(store: ChatStore) -> None:
    first, second = (store.save_prompt("", PromptContent(name), "Home").info.key for name in "ab")
    store.move_prompt(first, "Work")
    store.rename_prompt_folder("Home", "Garden")
    assert (store.prompt(first).info.folder, store.prompt(second).info.folder) == ("Work", "Garden")
    with pytest.raises(UnknownPrompt):
        store.move_prompt("nothing", "Work")


def test_a_folder_is_renamed_with_the_folders_in_it_and_no_other(store: ChatStore) -> None:
    folders = ("Work", "Work/Letters", "Work/Letters/50%_off", "Workshop", "Home/Work")
    keys = [store.save_prompt("", PromptContent(folder), folder).info.key for folder in folders]
    store.save_prompt_draft(keys[1], PromptContent("half"), "Work/Letters")

    def now() -> list[str]:
        return [store.prompt(key).info.folder for key in keys]

    store.rename_prompt_folder("Work", "Office/Old")
    assert now() == [
        "Office/Old",
        "Office/Old/Letters",
        "Office/Old/Letters/50%_off",
        "Workshop",
        "Home/Work",
    ]
    store.rename_prompt_folder("Office/Old", "")
    assert now() == ["", "Letters", "Letters/50%_off", "Workshop", "Home/Work"]


def test_a_deleted_prompt_comes_back_until_the_store_closes_and_then_leaves_nothing(path: Path) -> None:
    store = ChatStore(path)
    key = store.save_prompt("", PromptContent("Secret", "Say xylophone."), "").info.key
    store.delete_prompt(key)
    assert store.prompts() == ()
    assert store.undelete_prompt(key).content.text == "Say xylophone."
    store.delete_prompt(key)
    with pytest.raises(UnknownPrompt):
        store.prompt(key)
    store.close()
    assert not any(b"xylophone" in file.read_bytes() for file in path.parent.iterdir())


def test_what_comes_from_a_file_is_added_once_and_changes_nothing_that_is_there(store: ChatStore) -> None:
    versions = (
        PromptVersion(1, 10.0, POEM),
        PromptVersion(2, 20.0, PromptContent("Poems", "Rhyme.")),
    )
    added, present = store.add_prompts([("a" * 32, "Home", versions)])
    assert (added, present) == (("a" * 32,), 0)
    assert store.add_prompts([("a" * 32, "Home", versions)]) == ((), 1)
    assert tuple(reversed(store.prompt_versions("a" * 32))) == versions
    (other,), present = store.add_prompts([("a" * 32, "Home", versions[:1])])
    assert other != "a" * 32
    assert len(store.prompts()) == 2


def test_a_version_from_a_text_is_of_the_moment_when_it_came(store: ChatStore) -> None:
    ((key,), _present) = store.add_prompts([("", "", (PromptVersion(1, 0.0, POEM),))])
    assert store.prompt(key).info.updated_at > 1_000_000_000


def test_drafts_from_elsewhere_come_beside_those_that_are_here(store: ChatStore, tmp_path: Path) -> None:
    elsewhere = ChatStore(tmp_path / "elsewhere.sqlite3")
    elsewhere.save_prompt_draft("new", PromptContent("Theirs"), "Home")
    elsewhere.save_prompt_draft("both", PromptContent("Theirs"), "")
    store.save_prompt_draft("both", PromptContent("Mine"), "")
    come = elsewhere.prompts()
    assert store.add_prompts((prompt.info.key, prompt.info.folder, ()) for prompt in come) == ((), 0)
    store.add_drafts(come)
    elsewhere.close()
    assert (store.prompt("new").info.folder, store.prompt("new").info.name) == ("Home", "Theirs")
    assert store.prompt("both").info.name == "Mine"


def test_a_chat_keeps_its_prompt_and_takes_it_along_when_it_branches_or_is_kept(store: ChatStore) -> None:
    kept = KeptPrompt(True, "k", 3, "Poems", POEM.examples, POEM.defaults, "", {"topic": "sea"}, {"day": "x"})
    chat = store.create_chat("Be brief.").info.id
    assert store.kept_prompt(chat) == ("Be brief.", KeptPrompt())
    store.keep_prompt(chat, POEM.text, kept)
    assert store.kept_prompt(chat) == (POEM.text, kept)
    assert not store.has_turns(chat)
    question, _reply = store.add_turn(chat, (), "")
    assert store.has_turns(chat)
    branched = store.branch(question.id).info.id
    assert store.kept_prompt(branched) == store.kept_prompt(chat)
    temporary = store.create_chat(temporary=True).info.id
    store.keep_prompt(temporary, POEM.text, kept)
    assert store.kept_prompt(store.keep(temporary).info.id) == (POEM.text, kept)
    with pytest.raises(UnknownChat):
        store.kept_prompt(999)


def test_half_of_a_character_pair_is_stored_as_something_readable(store: ChatStore) -> None:
    made = store.save_prompt("", PromptContent("a\ud800b", "\udfff"), "f\ud800")
    bad = "\ufffd" * 3
    assert (made.info.name, made.info.folder, made.content.text) == (f"a{bad}b", f"f{bad}", bad)


def test_defaults_and_hidden_prompts_are_remembered(store: ChatStore) -> None:
    store.set_default_prompt("", "a")
    store.set_default_prompt("/m.gguf", "b")
    store.set_default_prompt("", "")
    assert store.default_prompts() == {"/m.gguf": "b"}
    store.hide_prompt("tutor.en", True)
    store.hide_prompt("tutor.en", True)
    assert store.hidden_prompts() == {"tutor.en"}
    store.hide_prompt("tutor.en", False)
    assert store.hidden_prompts() == frozenset()
