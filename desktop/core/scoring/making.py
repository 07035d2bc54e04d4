"""Questions that a model makes from passages, and which of them a person is shown. Stores nothing.

A question is worth showing when it reads as one and is about its passage: it shares telling words with it.
Whether the passage answers it, the person says.
"""

import re

from desktop.core.replies.citations import folded_key, is_common
from desktop.core.replies.prompt import harmless
from engine.protocol import Generate, Message, Sampling
from rag.language import content_words, guess_language

MOST_TOKENS = 48
READ_CHARACTERS = 900
FEWEST_CHARACTERS, MOST_CHARACTERS = 12, 240
SHARED_WORDS = 2  # with its passage

_ORDERS = {
    "": "Write one short question that this text answers. Write only the question.",
    "es": "Escribe una pregunta corta que este texto responda. Escribe solo la pregunta.",
}
_EXAMPLES = {
    "": (
        "The bridge was opened in 1932 by the mayor, Ann Reid. It carries two railway lines.",
        "Who opened the bridge in 1932?",
    ),
    "es": (
        "El puente lo inauguró en 1932 la alcaldesa, Ana Ruiz. Por él pasan dos vías de tren.",
        "¿Quién inauguró el puente en 1932?",
    ),
}
_LABEL = re.compile(r"^\W*(?:question|pregunta|q|p)\s*\d*\s*[:.)-]\s*", re.IGNORECASE)
_QUESTION = re.compile(r"[^.?!\n]*\?")


def request(passage: str) -> Generate:
    """The order to ask something of a passage, in its language."""
    language = "es" if guess_language(passage) == "es" else ""
    text, question = _EXAMPLES[language]
    order = _ORDERS[language]
    return Generate(
        (
            Message("user", f"{text}\n\n{order}"),
            Message("assistant", question),
            Message("user", f"{harmless(passage[:READ_CHARACTERS])}\n\n{order}"),
        ),
        Sampling(temperature=0.0),
        MOST_TOKENS,
        job=True,
    )


def usable(written: str, passage: str) -> str:
    """The question in what a model wrote; "" where there is none that is about the passage."""
    found = _QUESTION.search(_LABEL.sub("", written.strip()))
    question = " ".join(found.group().split()).strip(" \"'“”«»*-") if found is not None else ""
    if not FEWEST_CHARACTERS <= len(question) <= MOST_CHARACTERS or question in _shown():
        return ""
    return question if len(_keys(question) & _keys(passage)) >= SHARED_WORDS else ""


def _shown() -> set[str]:
    return {question for _, question in _EXAMPLES.values()}


def _keys(text: str) -> set[str]:
    return {folded_key(word) for word in content_words(text) if len(word) > 2 and not is_common(word)}
