"""A question and its answer outside of every chat, for commands. Stores nothing."""

from collections.abc import Iterable

from msgspec.structs import replace

from desktop.core.answers.grounding import doubts
from desktop.core.answers.grounds import Grounds
from desktop.core.answers.lookup import Asked, Lookup
from desktop.core.answers.standalone import Said
from desktop.core.errors import EmptyQuestion
from desktop.core.events import ExcerptsFound
from desktop.core.operations import Operation, start
from desktop.core.replies.answering import Answering, Question
from desktop.core.replies.citations import cite
from desktop.core.replies.layout import Turn, layout_of, question_piece
from desktop.core.replies.text_sink import TextSink
from desktop.core.types import Answer, ContextPlan, Excerpt, ExcerptsPart, Reading, ReplyOptions
from engine.protocol import Message, Sampling, Stats, Templating

NO_MODEL = Stats(0, 0, 0, 0.0, 0.0, "end", 0)  # what a reply cost that no model wrote


class OneShot:
    """Each answer on a thread of its own."""

    def __init__(self, answering: Answering, lookup: Lookup, grounds: Grounds) -> None:
        self._answering = answering
        self._lookup = lookup
        self._grounds = grounds

    def answer(
        self,
        history: tuple[Message, ...],
        question: str,
        collections: tuple[str, ...],
        documents: tuple[int, ...],
        model: str,
        sampling: Sampling | None,
        max_tokens: int | None,
        templating: Templating | None = None,
        options: ReplyOptions = ReplyOptions(),  # noqa: B008  a frozen value
        reading: Reading = "automatic",
    ) -> Operation[Answer]:
        def work(operation: Operation[Answer]) -> Answer:
            if not question.strip():
                raise EmptyQuestion
            before = layout_of(history, question_piece(question))
            found = ExcerptsPart(())
            text = TextSink()
            if collections or documents:
                asked = Asked(question, collections, documents, _said(before.turns), reading)
                found = self._lookup.find(asked, operation)
                if self._grounds.answer(found, question, text, operation, model):
                    written = text.getvalue()
                    cited = cite(written, found.excerpts, question)
                    how = replace(found, excerpts=())
                    unsure = () if found.way == "page" else doubts(written, found.excerpts, question)
                    plan = ContextPlan(0, 0, 0)
                    return Answer(written, found.excerpts, cited, NO_MODEL, plan, looked=how, doubts=unsure)

            def fewer(excerpts: tuple[Excerpt, ...]) -> None:
                nonlocal found
                found = replace(found, excerpts=excerpts)
                operation.emit(ExcerptsFound(excerpts))

            to_answer = Question(
                question,
                before.system,
                before.turns,
                found.excerpts,
                model=model,
                sampling=sampling,
                max_tokens=max_tokens,
                templating=templating,
                options=options,
            )
            stats, plan = self._answering.reply(to_answer, operation, text, fewer)
            written, details = text.getvalue(), tuple(text.details)
            cited = cite(written, found.excerpts, question)
            return Answer(
                written,
                found.excerpts,
                cited,
                stats,
                plan,
                text.thoughts,
                details,
                replace(found, excerpts=()),
                doubts(written, found.excerpts, question),
            )

        return start(work, "answer")


def _said(turns: Iterable[Turn]) -> tuple[Said, ...]:
    return tuple(
        Said(turn.pieces[0].message.content, turn.pieces[1].message.content)
        for turn in turns
        if len(turn.pieces) > 1
    )
