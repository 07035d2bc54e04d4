"""What every core does, the real one (over fake workers) and the one of the window's tests."""

import shutil
import threading
from pathlib import Path

import pytest
import send2trash

from desktop.core.contract import Core
from desktop.core.errors import BadSetting
from desktop.core.events import (
    ChatsChanged,
    CoreEvent,
    EngineStatus,
    ExcerptsFound,
    LibraryStatus,
    LoadingModel,
    ModelsChanged,
    QuantizingModel,
    SearchingDocuments,
    TextAdded,
    TurnSaved,
)
from rag.protocol import IndexedDocument
from tests.contract.conftest import code_of
from tests.fakes.house import PATIENCE_S, Heard
from tests.fakes.replies import Script
from tests.fakes.samples import excerpt


@pytest.fixture
def script() -> Script:
    return Script(excerpts=(excerpt(),))


@pytest.fixture
def trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A trash for the test: the real one is the person's."""
    folder = tmp_path / "trash"
    folder.mkdir()
    monkeypatch.setattr(send2trash, "send2trash", lambda path: shutil.move(path, folder))
    return folder


def new_chat(core: Core, *collections: str) -> int:
    chat = core.create_chat().result(PATIENCE_S).info.id
    core.set_collections(chat, collections).result(PATIENCE_S)
    return chat


class Chats:
    """The last list of chats that was told, by title."""

    def __init__(self, core: Core) -> None:
        self._titles: list[str] = []
        self._changed = threading.Condition()
        core.subscribe(self._take)

    def _take(self, event: CoreEvent) -> None:
        if isinstance(event, ChatsChanged):
            with self._changed:
                self._titles = [chat.title for chat in event.chats]
                self._changed.notify_all()

    def become(self, *titles: str) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._titles == list(titles), PATIENCE_S)


def test_the_present_state_comes_first(core: Core) -> None:
    heard = Heard()
    core.subscribe(heard)
    assert [type(event) for event in heard.events] == [EngineStatus, LibraryStatus, ChatsChanged]


def test_a_turn_is_saved_first_and_its_text_is_the_reply(core: Core) -> None:
    chat = new_chat(core)
    heard = Heard()
    operation = core.send(chat, "How much does a ticket cost?")
    operation.subscribe(heard)
    reply = operation.result(PATIENCE_S)
    saved = heard.events[0]
    assert isinstance(saved, TurnSaved)
    assert (saved.question.text, saved.reply.text) == ("How much does a ticket cost?", "")
    assert "".join(event.text for event in heard.of(TextAdded)) == reply.text
    assert (reply.state, reply.role, reply.id) == ("complete", "assistant", saved.reply.id)
    kept = core.open_chat(chat).result(PATIENCE_S)
    assert [message.id for message in kept.messages] == [saved.question.id, reply.id]
    assert kept.messages[1].text == reply.text
    assert kept.messages[1].stats is not None


def test_a_chat_is_named_after_its_first_question(core: Core) -> None:
    chats = Chats(core)
    core.send(new_chat(core), "How much does a ticket cost?").result(PATIENCE_S)
    assert chats.become("How much does a ticket cost?")


def test_a_new_try_is_a_sibling_that_takes_the_place_of_the_old_one(core: Core) -> None:
    chat = new_chat(core)
    first = core.send(chat, "How much?").result(PATIENCE_S)
    second = core.regenerate(first.id).result(PATIENCE_S)
    assert second.id != first.id
    assert second.parent == first.parent
    messages = core.open_chat(chat).result(PATIENCE_S).messages
    assert [message.id for message in messages] == [first.parent, second.id]


def test_a_draft_is_planned_before_it_is_sent_and_its_parts_add_up(core: Core) -> None:
    chat = new_chat(core)
    core.set_system_prompt(chat, "Be brief and kind.").result(PATIENCE_S)
    core.send(chat, "How much does a ticket cost?").result(PATIENCE_S)
    planned = core.plan_prompt(chat, "And for children?", tokens=True).result(PATIENCE_S)
    parts = {part.origin: part.tokens for part in planned.plan.parts}
    assert {"template", "system", "history", "question"} <= parts.keys()
    assert sum(parts.values()) == planned.plan.prompt_tokens == len(planned.tokens)
    said = "".join(token.text for token in planned.tokens if token.origin == "question")
    assert said.split() == ["And", "for", "children?"]
    assert planned.plan.prompt_tokens + planned.plan.reply_tokens == planned.plan.limit_tokens
    short = core.plan_prompt(chat, "And for children?").result(PATIENCE_S)
    assert (short.tokens, short.plan.parts) == ((), planned.plan.parts)
    assert len(core.open_chat(chat).result(PATIENCE_S).messages) == 2, "nothing was sent"


def test_a_pinned_message_says_so_and_counts_as_pinned(core: Core) -> None:
    chat = new_chat(core)
    reply = core.send(chat, "How much does a ticket cost?").result(PATIENCE_S)
    core.pin_message(reply.id, True).result(PATIENCE_S)
    assert core.open_chat(chat).result(PATIENCE_S).messages[1].pinned
    plan = core.plan_prompt(chat, "And now?").result(PATIENCE_S).plan
    assert "pinned" in {part.origin for part in plan.parts}
    core.pin_message(reply.id, False).result(PATIENCE_S)
    assert not core.open_chat(chat).result(PATIENCE_S).messages[1].pinned


def test_documents_switched_on_are_searched_and_kept_with_the_question(core: Core) -> None:
    chat = new_chat(core, "default")
    heard = Heard()
    operation = core.send(chat, "How much does a ticket cost?")
    operation.subscribe(heard)
    operation.result(PATIENCE_S)
    assert heard.of(SearchingDocuments)
    (found,) = heard.of(ExcerptsFound)
    assert found.excerpts
    assert core.open_chat(chat).result(PATIENCE_S).messages[0].excerpts == found.excerpts


def test_without_documents_nothing_is_searched(core: Core) -> None:
    heard = Heard()
    operation = core.send(new_chat(core), "Hello")
    operation.subscribe(heard)
    operation.result(PATIENCE_S)
    assert not heard.of(SearchingDocuments)
    assert not heard.of(ExcerptsFound)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_question_is_refused(core: Core, text: str) -> None:
    chat = new_chat(core)
    assert code_of(core.send(chat, text)) == "empty_question"
    assert core.open_chat(chat).result(PATIENCE_S).messages == ()


def test_a_chat_that_is_not_there_is_said(core: Core) -> None:
    assert code_of(core.open_chat(999_999)) == "unknown_chat"
    assert code_of(core.send(999_999, "Hello")) == "unknown_chat"
    assert code_of(core.regenerate(999_999)) == "unknown_message"


def test_renamed_pinned_and_deleted_chats_are_told_and_come_back(core: Core) -> None:
    chats = Chats(core)
    first, second = new_chat(core), new_chat(core)
    core.rename_chat(first, "First").result(PATIENCE_S)
    core.rename_chat(second, "Second").result(PATIENCE_S)
    core.pin_chat(first, pinned=True).result(PATIENCE_S)
    assert chats.become("First", "Second")
    core.delete_chat(first).result(PATIENCE_S)
    assert chats.become("Second")
    assert [chat.title for chat in core.search_chats("first").result(PATIENCE_S)] == []
    core.restore_chat(first).result(PATIENCE_S)
    assert chats.become("First", "Second")
    assert [chat.title for chat in core.search_chats("fírst").result(PATIENCE_S)] == ["First"]


def test_system_prompt_and_collections_stay_with_their_chat(core: Core) -> None:
    chat = new_chat(core, "default")
    core.set_system_prompt(chat, "Be brief.").result(PATIENCE_S)
    kept = core.open_chat(chat).result(PATIENCE_S)
    assert (kept.system_prompt, kept.collections) == ("Be brief.", ("default",))


def test_an_answer_for_a_command_has_citations_and_leaves_no_chat(core: Core) -> None:
    before = core.search_chats("").result(PATIENCE_S)
    answer = core.answer((), "How much?", collections=("default",)).result(PATIENCE_S)
    assert answer.text
    assert answer.excerpts
    assert {citation.n for citation in answer.citations} <= {excerpt.n for excerpt in answer.excerpts}
    assert core.search_chats("").result(PATIENCE_S) == before


def test_a_loaded_model_is_told_and_kept_as_the_choice(core: Core) -> None:
    statuses = Heard()
    core.subscribe(statuses)
    models = core.list_models().result(PATIENCE_S)
    path = next(model.path for model in models if model.problem is None)
    heard = Heard()
    operation = core.load_model(path)
    operation.subscribe(heard)
    assert operation.result(PATIENCE_S).path == path
    assert heard.of(LoadingModel)
    assert core.setting("model_path") == path
    assert (statuses.of(EngineStatus)[-1].state, statuses.of(EngineStatus)[-1].model.path) == ("ready", path)
    assert core.inspect_model(path).result(PATIENCE_S).path == path
    core.unload_model().result(PATIENCE_S)
    assert statuses.of(EngineStatus)[-1].state == "no_model"


def test_a_model_named_for_one_answer_is_not_kept_as_the_choice(core: Core) -> None:
    path = next(model.path for model in core.list_models().result(PATIENCE_S) if model.problem is None)
    before = core.setting("model_path")
    assert core.answer((), "Hello", model=path).result(PATIENCE_S).text
    assert code_of(core.answer((), "Hello", model="/nowhere/model.gguf")) == "model_missing"
    assert core.setting("model_path") == before


def test_a_model_is_imported_once_and_removed_again(core: Core, trash: Path) -> None:
    heard = Heard()
    core.subscribe(heard)
    source = core.list_models().result(PATIENCE_S)[0]
    again = core.import_model(source.path).result(PATIENCE_S)
    assert (again.already, again.model.path) == (True, source.path)
    core.load_model(source.path).result(PATIENCE_S)
    assert core.remove_model(source.path).result(PATIENCE_S) == (source.path,)
    assert core.setting("model_path") == ""
    assert heard.of(EngineStatus)[-1].state == "no_model"
    assert source.path not in [model.path for model in core.list_models().result(PATIENCE_S)]
    assert heard.of(ModelsChanged)
    assert code_of(core.remove_model(source.path)) == "model_missing"
    assert code_of(core.import_model(source.path)) == "model_missing"


def test_a_model_is_quantized_into_one_more_and_what_cannot_be_is_refused(core: Core) -> None:
    core.subscribe(heard := Heard())
    source = core.list_models().result(PATIENCE_S)[0]
    operation = core.quantize_model(source.path, "q8_0")
    operation.subscribe(told := Heard())
    made = operation.result(PATIENCE_S)
    assert (made.model.quantization, made.model.source) == ("Q8_0", "own")
    assert (made.before_bytes, made.after_bytes) == (source.size_bytes, made.model.size_bytes)
    assert made.before is not None
    assert made.after is not None
    assert {event.stage for event in told.of(QuantizingModel)} == {
        "measuring_before",
        "quantizing",
        "measuring_after",
    }
    assert heard.of(ModelsChanged)
    assert made.model.path in [model.path for model in core.list_models().result(PATIENCE_S)]
    assert core.quantize_model(source.path, "Q2_K", measure=False).result(PATIENCE_S).before is None
    assert code_of(core.quantize_model(source.path, source.quantization)) == "same_quantization"
    assert code_of(core.quantize_model(source.path, "Q9_X")) == "unknown_quantization"
    assert code_of(core.quantize_model("/nowhere/model.gguf", "Q8_0")) == "model_missing"


def test_a_checksum_comes_when_it_is_asked_for(core: Core) -> None:
    path = core.list_models().result(PATIENCE_S)[0].path
    assert core.inspect_model(path).result(PATIENCE_S).sha256 == ()
    (checksum,) = core.inspect_model(path, sha256=True).result(PATIENCE_S).sha256
    assert len(checksum) == 64


def test_a_missing_model_is_said_by_its_path(core: Core) -> None:
    assert code_of(core.load_model("/nowhere/model.gguf")) == "model_missing"
    assert code_of(core.inspect_model("/nowhere/model.gguf")) == "model_missing"


def test_settings_are_checked_by_name_and_value(core: Core) -> None:
    core.set_setting("language", "es").result(PATIENCE_S)
    assert core.setting("language") == "es"
    assert code_of(core.set_setting("no_such_setting", 1)) == "bad_setting"
    with pytest.raises(BadSetting):
        core.setting("no_such_setting")


def test_documents_are_indexed_found_and_shown(core: Core) -> None:
    heard = Heard()
    operation = core.index(("/documents/museum.pdf",), "default")
    operation.subscribe(heard)
    done = operation.result(PATIENCE_S)
    assert [document.state for document in done.documents] == ["indexed"]
    assert heard.of(IndexedDocument) == list(done.documents)
    (document,) = core.list_documents("default").result(PATIENCE_S)
    assert core.list_collections().result(PATIENCE_S)[0].documents == 1
    hit = core.search("ticket", 1).result(PATIENCE_S)[0]
    place = core.locate(hit.document, hit.page, hit.start, hit.end).result(PATIENCE_S)
    assert place.boxes
    page = core.render_page(place.file, hit.page, 100).result(PATIENCE_S)
    assert (page.page, page.width_px) == (hit.page, 100)
    assert len(page.pixels) == page.stride * page.height_px
    assert core.remove_documents((document.document,)).result(PATIENCE_S) == 1
