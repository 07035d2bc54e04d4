"""Documents that want to be obeyed: what they hold reaches the model as data of one turn, and no more.

What a model makes of it is the model's own; that it cannot take a document's words for the program's or the
person's is held here, with the real reader, search, templates and vocabulary.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.answers.every_document import EveryDocument
from desktop.core.answers.lookup import excerpt_of
from desktop.core.places import Places
from desktop.core.replies.citations import cite, written
from desktop.core.replies.prompt import FENCE, turn_text
from desktop.core.services import Services, open_core
from desktop.core.types import Excerpt
from engine.protocol import Generate, LoadModel, Message, Render, Rendered
from tests.conftest import TEST_DATA
from tests.fakes.engine_client import EngineClient

pytestmark = [pytest.mark.models, pytest.mark.slow]

HOSTILE = sorted((TEST_DATA / "hostile").glob("*.txt"))
QUESTION = "How much does a ticket for the garden cost?"
CONTROL = ("<|im_start|>", "<|im_end|>", "<|endoftext|>")
TURN_MARKS = re.compile(
    r"<\||<｜|</?s>|<</?SYS>>|\[/?INST\]|<(?:start|end)_of_turn>|<(?:/)?(?:tool_call|think)>|\[TOOL_CALLS\]"
)
PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory, chat_model: Path) -> Iterator[Services]:
    core = open_core(Places.of(tmp_path_factory.mktemp("hostile") / "data", chat_model.parent), others=())
    core.index(tuple(map(str, HOSTILE)), "default").result(PATIENCE_S)
    yield core
    core.close()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, chat_model: Path) -> Iterator[EngineClient]:
    with EngineClient(False, tmp_path_factory.mktemp("engine") / "worker.log") as client:
        client.ask(LoadModel(str(chat_model), 2048, vocabulary_only=True))
        yield client


def excerpts_of(core: Services, file: Path) -> tuple[Excerpt, ...]:
    documents = {Path(info.file).name: info.document for info in core.list_documents().result(PATIENCE_S)}
    hits = core.search(QUESTION, 5, (), (documents[file.name],)).result(PATIENCE_S)
    return tuple(excerpt_of(n, hit) for n, hit in enumerate(hits, start=1))


@pytest.mark.parametrize("file", HOSTILE, ids=lambda path: path.stem)
def test_no_document_can_speak_for_another_turn(core: Services, engine: EngineClient, file: Path) -> None:
    excerpts = excerpts_of(core, file)
    assert excerpts, "it is found as any other document is"
    turn = turn_text(QUESTION, excerpts)
    assert not TURN_MARKS.search(turn)
    assert turn.count(FENCE) == 2 * len(excerpts), "each excerpt stands in a fence that it cannot end"
    assert turn.endswith(QUESTION)
    messages = (Message("system", "Be brief."), Message("user", turn))
    rendered = engine.ask(Render(messages, ((), ())))[-1]
    assert isinstance(rendered, Rendered)
    inside = [token.text for token in rendered.tokens if token.message >= 0]
    assert not set(inside) & set(CONTROL)
    turns = [token.text for token in rendered.tokens if token.message < 0 and token.text == CONTROL[0]]
    assert len(turns) == 3, "a system turn, the person's, and the beginning of the reply"


@pytest.mark.parametrize("file", HOSTILE, ids=lambda path: path.stem)
def test_no_document_brings_citations_of_its_own(core: Services, file: Path) -> None:
    excerpts = excerpts_of(core, file)
    shown = re.findall(r"[\[【]\d", turn_text(QUESTION, excerpts))
    assert len(shown) == len(excerpts), "the numbers of the excerpts are the only ones"
    parroted = excerpts[0].text + " [99] [1]"
    numbers = {excerpt.n for excerpt in excerpts}
    assert {n for marker in written(parroted, excerpts) for n in marker.numbers} <= numbers
    assert all(citation.quote in {one.text for one in excerpts} for citation in cite(parroted, excerpts))


class Parrot:
    """A model that says back what it was told, and counts nothing."""

    context_tokens = 8192

    def __init__(self) -> None:
        self.asked: list[str] = []

    def count(self, messages: tuple[Message, ...]) -> int:
        return 1

    def write(self, request: Generate) -> str:
        self.asked += [message.content for message in request.messages]
        return request.messages[0].content.replace("\n", " ")[:300] + "."


def test_what_is_written_of_each_document_is_fenced_again(core: Services) -> None:
    excerpts = [one for file in HOSTILE for one in excerpts_of(core, file)[:1]]
    jobs = Parrot()
    EveryDocument(jobs, lambda _: None, lambda *_: None).write(
        QUESTION, excerpts, (len(excerpts), len(excerpts)), "en", 8192
    )
    assert len(jobs.asked) == len(excerpts) + 1
    for asked in jobs.asked:
        assert not TURN_MARKS.search(asked)
        assert asked.count(FENCE) == 2
        assert asked.endswith(QUESTION)


def test_every_chat_template_keeps_a_hostile_turn_in_one_turn(core: Services, shared_data: Path) -> None:
    """The marks that 27 real templates write between turns do not stand in what a document brings."""
    cases = json.loads((shared_data / "chat_templates/cases.json").read_text("utf-8"))
    marks = {
        mark
        for case in cases
        for mark in re.findall(r"<[|｜][^<>\n]{1,40}[|｜]>", json.dumps(case, ensure_ascii=False))
    }
    assert len(marks) > 10
    for file in HOSTILE:
        turn = turn_text(QUESTION, excerpts_of(core, file))
        assert not [mark for mark in marks if mark in turn]
