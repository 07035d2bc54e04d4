"""A question that leans on the chat, made one that can be searched for by itself. Finds nothing.

A model writes it where one is loaded, and what it writes is taken only when it says nothing new: every word
of it that counts was said before, and no word of the question that counts is missing. Small models seldom
manage; then what was asked before is searched for together with what is asked now.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from desktop.core.replies.citations import folded_key, is_common
from desktop.core.replies.prompt import harmless
from engine.protocol import Generate, Message, Sampling
from rag.language import content_words, guess_language

TURNS = 2  # before the question that are looked at
READ_CHARACTERS = 400  # of an answer
MOST_TOKENS = 60
LONGEST = 3  # times as long as what it stands for, and a little more
LITTLE_MORE = 120
JOINED_CHARACTERS = 300
NEW_WORDS = 1  # that are in neither: a preposition's noun, another form of a verb

_ORDERS = {
    "": "Rewrite the last question so that it can be understood without the conversation. "
    "Write only the question.",
    "es": "Reescribe la última pregunta para que se entienda sin la conversación. Escribe solo la pregunta.",
}
_EXAMPLES = {
    "": (
        "Question: Who wrote Don Quixote?\nAnswer: Miguel de Cervantes.\nLast question: When was he born?",
        "When was Miguel de Cervantes born?",
    ),
    "es": (
        "Pregunta: ¿Quién escribió el Quijote?\nRespuesta: Cervantes.\nÚltima pregunta: ¿Y cuándo nació?",
        "¿Cuándo nació Cervantes?",
    ),
}
_LABELS = {"": ("Question", "Answer", "Last question"), "es": ("Pregunta", "Respuesta", "Última pregunta")}
_LABEL = re.compile(r"^(?:last question|question|última pregunta|pregunta)\s*:\s*", re.IGNORECASE)


class Said(NamedTuple):
    """A question of the chat with what was answered."""

    question: str
    answer: str
    query: str = ""  # what was searched for in place of the question


def request(before: Sequence[Said], question: str) -> Generate:
    """The order to rewrite `question`."""
    language = "es" if guess_language(question) == "es" else ""
    asked, answered, last = _LABELS[language]
    lines = []
    for said in before[-TURNS:]:
        lines += [f"{asked}: {_short(said.question)}", f"{answered}: {_short(said.answer)}"]
    lines.append(f"{last}: {_short(question)}")
    shown, rewritten = _EXAMPLES[language]
    order = _ORDERS[language]
    messages = (
        Message("user", f"{order}\n\n{shown}"),
        Message("assistant", rewritten),
        Message("user", order + "\n\n" + "\n".join(lines)),
    )
    return Generate(messages, Sampling(temperature=0.0), MOST_TOKENS, job=True)


def usable(written: str, before: Sequence[Said], question: str) -> str:
    """The question in what a model wrote; "" where there is none that says what was asked, and no more."""
    line = next((line.strip() for line in written.splitlines() if line.strip()), "")
    line = _LABEL.sub("", line)
    line = line.strip(" \"'“”«»*")
    if not line or len(line) > LONGEST * len(question) + LITTLE_MORE:
        return ""
    known = _keys(question)
    for said in before[-TURNS:]:
        known |= _keys(said.question) | _keys(said.answer)
    words = _keys(line)
    shown = _keys(" ".join(text for pair in _EXAMPLES.values() for text in pair)) - known
    if words & shown or len(words - known) > NEW_WORDS or not _keys(question) <= words:
        return ""
    return line if words != _keys(question) else ""


def joined(before: Sequence[Said], question: str) -> str:
    """What was asked before and what is asked now, as one search."""
    if not before:
        return question
    earlier = before[-1].query or before[-1].question
    if len(earlier) > JOINED_CHARACTERS:  # a long row of them: the last ones
        earlier = earlier[-JOINED_CHARACTERS:].partition(" ")[2]
    return f"{earlier} {question}"


def _keys(text: str) -> set[str]:
    return {folded_key(word) for word in content_words(text) if len(word) > 2 and not is_common(word)}


def _short(text: str) -> str:
    kept = " ".join(text.split())
    return harmless(kept if len(kept) <= READ_CHARACTERS else kept[:READ_CHARACTERS].rsplit(" ", 1)[0] + "…")
