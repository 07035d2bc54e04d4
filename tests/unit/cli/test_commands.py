"""What chat, index, search and ask print, for people and for scripts, and how they end."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.core.errors import EmptyQuestion
from desktop.core.types import Doubt, ExcerptsPart
from engine.protocol import Message
from rag.protocol import Filters
from tests.fakes.replies import Script
from tests.fakes.samples import BROKEN, EXCERPTS, SMOLLM
from tests.unit.cli.conftest import TypeIn
from tests.unit.cli.talking_core import TalkingCore

STATS = {"prompt_tokens", "reused_tokens", "generated_tokens", "ttft_s", "tokens_per_s", "stop_reason"}


def with_documents(core: TalkingCore, type_in: TypeIn) -> None:
    type_in("index", "/docs/museum.pdf")
    core.script = Script(excerpts=EXCERPTS)


# ── chat ──


def test_chat_prints_the_reply_and_nothing_else(type_in: TypeIn) -> None:
    done = type_in("chat", "How", "much?")
    assert (done.code, done.out, done.err) == (0, "A ticket costs seven euros [1].\n", "")


def test_chat_as_json_is_one_object_with_text_and_stats(type_in: TypeIn) -> None:
    done = type_in("chat", "--json", "How much?")
    assert done.code == 0
    assert done.err == ""
    assert set(done.json) == {"text", "thoughts", "stats"}
    assert done.json["text"] == "A ticket costs seven euros [1]."
    assert set(done.json["stats"]) >= STATS


def test_chat_reads_its_prompt_from_a_pipe(type_in: TypeIn, core: TalkingCore) -> None:
    for words in (("chat",), ("chat", "-")):
        assert type_in(*words, stdin="What is\nthis?\n").code == 0
        assert core.called("answer")[-1][1] == "What is\nthis?"


def test_chat_uses_the_system_prompt_given_or_that_of_the_settings(
    type_in: TypeIn, core: TalkingCore
) -> None:
    core.settings["system_prompt"] = "Be kind."
    type_in("chat", "--system", "Be a pirate.", "Hello")
    type_in("chat", "Hello")
    type_in("chat", "--system", "", "Hello")
    assert [call[0] for call in core.called("answer")] == [
        (Message("system", "Be a pirate."),),
        (Message("system", "Be kind."),),
        (),
    ]


def test_a_model_given_answers_once_and_is_never_the_chosen_one(type_in: TypeIn, core: TalkingCore) -> None:
    core.settings["model_path"] = "/chosen.gguf"
    assert type_in("chat", "--model", SMOLLM, "Hello").code == 0
    assert [call[4] for call in core.called("answer")] == [SMOLLM]
    # not even for a moment: the program may be killed meanwhile
    assert core.called("load_model") == core.called("set_setting") == []
    assert core.settings["model_path"] == "/chosen.gguf"


def test_an_error_is_told_on_stderr_with_what_to_do(type_in: TypeIn) -> None:
    done = type_in("chat", "--model", "/no/such.gguf", "Hello")
    assert (done.code, done.out) == (1, "")
    assert "There is no model at /no/such.gguf" in done.err
    assert len(done.err.strip().splitlines()) == 2


def test_an_error_as_json_has_code_message_and_hint(type_in: TypeIn) -> None:
    done = type_in("--json", "chat", "--model", BROKEN, "Hello")
    assert done.code == 1
    assert done.json["error"]["code"] == "model_truncated"
    assert "97 MB" in done.json["error"]["message"]
    assert "Download it again" in done.json["error"]["hint"]


def test_a_question_without_words_is_refused(type_in: TypeIn, core: TalkingCore) -> None:
    core.fail("answer", EmptyQuestion().problem())
    assert type_in("chat", "--json", " ").json["error"]["code"] == "empty_question"


def test_a_reply_that_was_cut_off_says_so(type_in: TypeIn, core: TalkingCore) -> None:
    core.script = Script(stats=replace(core.script.stats, stop_reason="length"))
    assert "cut off" in type_in("chat", "Tell me everything").err


# ── index ──


def test_index_lists_each_document_with_its_state(type_in: TypeIn) -> None:
    done = type_in("index", "/docs/museum.pdf", "/docs/scan.pdf", "--json")
    assert done.code == 0
    good, bad = done.json["documents"]
    assert set(good) >= {"file", "status", "reason", "pages", "passages"}
    assert (good["file"], good["status"], good["reason"]) == ("/docs/museum.pdf", "indexed", None)
    assert good["pages"] > 0
    assert good["passages"] > 0
    assert (bad["status"], bad["reason"]) == ("failed", "document_no_text")
    assert "scan" in bad["message"]
    assert bad["hint"]


def test_index_fails_when_no_document_can_be_searched(type_in: TypeIn) -> None:
    done = type_in("index", "/docs/scan.pdf", "--json")
    assert done.code == 1
    assert done.json["error"]["code"] == "document_no_text"
    assert done.json["documents"][0]["status"] == "failed"
    assert type_in("index", "/docs/scan.pdf").code == 1


def test_index_tells_a_person_what_became_of_each_file(type_in: TypeIn) -> None:
    done = type_in("index", "/docs/museum.pdf", "/docs/scan.pdf")
    assert done.out.startswith("museum.pdf: ")
    assert "There is no text in scan.pdf" in done.out
    assert done.err == ""


def test_relative_paths_are_those_of_the_person_who_types(
    type_in: TypeIn, core: TalkingCore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    type_in("index", "a.pdf", "--collection", "trips")
    assert core.called("index") == [((str(tmp_path / "a.pdf"),), "trips")]


# ── search ──


def test_search_gives_passages_with_their_places(type_in: TypeIn, core: TalkingCore) -> None:
    done = type_in("search", "ticket", "price", "-k", "1", "--json")
    assert core.called("search") == [("ticket price", 1, (), (), Filters())]
    (result,) = done.json["results"]
    assert set(result) >= {"file", "page", "start", "end", "text", "score"}
    assert (result["page"], result["end"] - result["start"]) == (3, len(result["text"]))


def test_search_shows_a_person_file_page_and_text(type_in: TypeIn) -> None:
    done = type_in("search", "ticket")
    assert "1. museum.pdf, page 3" in done.out
    assert "A ticket costs seven euros." in done.out


def test_a_search_without_results_is_no_error(type_in: TypeIn) -> None:
    assert type_in("search", "nothing", "--json").json == {"results": []}
    done = type_in("search", "nothing")
    assert done.code == 0
    assert "Nothing was found" in done.out


def test_a_misspelt_collection_is_an_error(type_in: TypeIn) -> None:
    for words in (("search", "x"), ("ask", "x")):
        done = type_in(*words, "--collection", "triips", "--json")
        assert done.code == 1
        assert done.json["error"]["code"] == "unknown_collection"
        assert "triips" in done.json["error"]["message"]


# ── ask ──


def test_ask_gives_text_citations_results_and_stats(type_in: TypeIn, core: TalkingCore) -> None:
    with_documents(core, type_in)
    done = type_in("ask", "How much does a ticket cost?", "--json")
    assert done.code == 0
    assert set(done.json) == {"text", "thoughts", "citations", "results", "looked", "doubts", "stats"}
    first = done.json["citations"][0]
    assert set(first) >= {"n", "file", "page", "quote"}
    assert (first["n"], first["file"], first["page"]) == (1, EXCERPTS[0].file, 3)
    assert first["quote"] == EXCERPTS[0].text
    assert [result["page"] for result in done.json["results"]] == [3, 3]


def test_ask_lists_its_sources_below_the_answer(type_in: TypeIn, core: TalkingCore) -> None:
    with_documents(core, type_in)
    done = type_in("ask", "How much does a ticket cost?")
    lines = done.out.splitlines()
    assert lines[0] == "A ticket costs seven euros [1]."
    assert lines[1] == ""
    assert lines[2] == "[1] museum.pdf, page 3"
    assert "A ticket costs seven euros. Students" in lines[3]
    assert done.err == ""


def test_ask_with_docs_adds_them_and_asks_these_alone(type_in: TypeIn, core: TalkingCore) -> None:
    core.script = Script(excerpts=EXCERPTS)
    done = type_in("ask", "How much?", "--docs", "/docs/museum.pdf", "/docs/scan.pdf", "--json")
    assert done.code == 0
    assert core.called("index") == [(("/docs/museum.pdf", "/docs/scan.pdf"), "default")]
    _, question, collections, documents, *_ = core.called("answer")[-1]
    assert (question, collections) == ("How much?", ())
    assert len(documents) == 1
    assert [one["status"] for one in done.json["documents"]] == ["indexed", "failed"]


def test_ask_finds_its_question_behind_docs(type_in: TypeIn, core: TalkingCore) -> None:
    core.script = Script(excerpts=EXCERPTS)
    assert type_in("ask", "--docs", "/docs/museum.pdf", "How much is it?").code == 0
    assert core.called("answer")[-1][1] == "How much is it?"
    assert core.called("index") == [(("/docs/museum.pdf",), "default")]


def test_ask_over_documents_that_cannot_be_read_says_why(type_in: TypeIn, core: TalkingCore) -> None:
    done = type_in("ask", "How much?", "--docs", "/docs/locked.pdf", "--json")
    assert done.code == 1
    assert done.json["error"]["code"] == "document_encrypted"
    assert core.called("answer") == []


def test_ask_without_any_document_says_how_to_add_one(type_in: TypeIn) -> None:
    done = type_in("ask", "How much?")
    assert done.code == 1
    assert "sobremesa index" in done.err


def test_an_answer_without_a_source_names_the_nearest_pages(type_in: TypeIn, core: TalkingCore) -> None:
    with_documents(core, type_in)
    core.edit = lambda answer: replace(answer, citations=())
    assert "- museum.pdf, page 3" in type_in("ask", "How much?").out


def test_a_source_that_the_model_did_not_name_is_marked(type_in: TypeIn, core: TalkingCore) -> None:
    with_documents(core, type_in)
    core.edit = lambda answer: replace(
        answer, citations=tuple(replace(one, attributed=True) for one in answer.citations)
    )
    assert "[1] museum.pdf, page 3 (found afterwards)" in type_in("ask", "How much?").out
    assert type_in("ask", "How much?", "--json").json["citations"][0]["attributed"] is True


def test_ask_says_what_to_look_at_twice_and_from_how_many_documents_it_is(
    type_in: TypeIn, core: TalkingCore
) -> None:
    with_documents(core, type_in)
    how = ExcerptsPart((), query="ticket price", read=12, documents=14, indexing=2)
    doubtful = (Doubt(2, 3, "not_in_source", "8"), Doubt(9, 12, "no_such_source", "[9]"))
    core.edit = lambda answer: replace(answer, looked=how, doubts=doubtful)
    done = type_in("ask", "How much?")
    assert "Searched for: ticket price" in done.out
    assert "From 12 of 14 documents: 2 were still being indexed." in done.out
    assert "Look again: 8 is not in the sources given for it." in done.out
    assert "Look again: [9] leads to no source." in done.out
    told = type_in("ask", "How much?", "--json").json
    assert told["looked"] == {
        "way": "passages",
        "query": "ticket price",
        "read": 12,
        "documents": 14,
        "indexing": 2,
    }
    assert [(one["kind"], one["what"]) for one in told["doubts"]] == [
        ("not_in_source", "8"),
        ("no_such_source", "[9]"),
    ]
