"""Titles of chats, made by the model after the first answer, beside the chat. Loads no model, delays nothing.

What a person named is never touched; where the model has nothing that will do, the beginning of the question
stays. packaging/decisions/0104 says what will do.
"""

import logging
import re
import threading
from collections.abc import Callable

from desktop.core.chats.store import ChatStore
from desktop.core.chats.thread import StoreThread
from desktop.core.errors import Cancelled
from desktop.core.found_words import folded
from desktop.core.operations import Operation, start
from desktop.core.replies.answering import Answering
from desktop.core.replies.jobs import EngineJobs
from desktop.core.replies.prompt import harmless
from desktop.core.settings import Settings
from desktop.core.types import Chat, StoredMessage
from desktop.core.workers.engine import EngineClient
from engine.protocol import Generate, Message, Sampling
from engine.template_texts import COMPLETION
from rag.language import guess_language

MOST_TOKENS = 32
TELLING_WORDS = 4  # a question of fewer is titled with its answer; to others it adds little, and confuses
READ_CHARACTERS = 700  # of the question, and of the answer
TITLE_CHARACTERS = 60
TITLE_WORDS = 10
SENTENCE_WORDS = 6
FEWEST_LETTERS = 3
ATTEMPTS = 3  # answers after which it is tried, when a person's next question came before it was there

# In the chat's language, as small models title in that of the order; with examples, as they know no order
# but the one that was carried out before. Of the order and the examples nothing may be a title.
_ORDERS = {
    "es": "Pon un título de dos a seis palabras a esta conversación.",
    "": "Give this conversation a title of two to six words, in its own language.",
}
_EXAMPLES = {
    "es": (
        (
            "¿Cómo consigo que el huevo cocido no quede duro?",
            "Cuécelo seis minutos.",
            "Huevos pasados por agua",
        ),
        (
            "Escribe una carta para darme de baja del gimnasio",
            "Estimados señores:",
            "Carta de baja del gimnasio",
        ),
    ),
    "": (
        ("How do I boil an egg so that it stays soft?", "Boil it for six minutes.", "Soft-boiled eggs"),
        ("Write a letter that ends my gym membership", "Dear Sir or Madam,", "Letter to leave the gym"),
    ),
}
_LABEL = re.compile(
    r"^\W*(?:title|título|titulo|topic|tema|subject|conversation|conversación)\s*[:\-–—]\s*", re.IGNORECASE
)
_EDGES = " \t\"'`*_#“”„«»‘’<>[]()|~=-–—:;,."

log = logging.getLogger(__name__)


class Titles:
    """May be used from any thread."""

    def __init__(
        self,
        engine: EngineClient,
        answering: Answering,
        store: StoreThread,
        settings: Settings,
        chats_changed: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._answering = answering
        self._store = store
        self._settings = settings
        self._chats_changed = chats_changed
        self._lock = threading.Lock()
        self._working: set[Operation[None]] = set()
        self._closed = False

    def after(self, reply: StoredMessage) -> None:
        """A reply ended: have its chat titled, if that is wanted and still to be done. Returns at once."""
        if reply.state != "complete" or not self._settings.flag("model_titles"):
            return
        with self._lock:
            if self._closed:
                return
            operation = start(lambda op: self._make(reply.chat, op), f"title-{reply.chat}")
            self._working.add(operation)
        operation.when_done(self._over)

    def stand_aside(self) -> None:
        """A person asks for something: whatever is being titled waits for the next answer."""
        with self._lock:
            working = list(self._working)
        for operation in working:
            operation.cancel()

    def close(self) -> None:
        with self._lock:
            self._closed = True
        self.stand_aside()

    def _over(self, operation: Operation[None]) -> None:
        with self._lock:
            self._working.discard(operation)
        error = operation.error()
        if error is not None and not isinstance(error, Cancelled):
            log.warning("no title for a chat: %s", error)

    def _make(self, number: int, operation: Operation[None]) -> None:
        chat = self._store.call(lambda chats: _wanting(chats, number))
        first = _first_turn(chat) if chat is not None else None
        if first is None:
            return
        title = title_from(self._written(first, operation), *first)
        if self._store.call(lambda chats: chats.take_title(number, title)) and title:
            self._chats_changed()

    def _written(self, turn: tuple[str, str], operation: Operation[None]) -> str:
        """What the model says. Raises Cancelled where it has no time, or is not there any more."""
        with self._engine.turn(lambda: operation.cancelled):
            # not `ensure`: nobody waits for a title, and a model that left made room for something
            model = self._engine.loaded_as(self._answering.load_request())
            if operation.cancelled or model is None:
                raise Cancelled
            templating = self._answering.templating(model.path, None)
            if templating.template == COMPLETION:
                raise Cancelled  # it goes on with texts, and takes no orders
            return EngineJobs(self._engine, operation, templating, told=False).write(request(*turn))


def request(question: str, answer: str) -> Generate:
    """The order to write a title for a chat that begins with these."""
    language = "es" if guess_language(f"{question}\n{answer}"[:READ_CHARACTERS]) == "es" else ""
    messages: list[Message] = []
    for asked, said, title in (*_EXAMPLES[language], (_short(question), _short(answer), "")):
        text = asked if len(asked.split()) >= TELLING_WORDS else f"{asked}\n\n{said}"
        messages.append(Message("user", f"{_ORDERS[language]}\n\n{text}"))
        messages.append(Message("assistant", title))
    return Generate(tuple(messages[:-1]), Sampling(temperature=0.0), MOST_TOKENS, job=True)


def title_from(written: str, question: str = "", answer: str = "") -> str:
    """The title in what a model wrote; "" where there is none that will do."""
    line = next((line for line in written.splitlines() if line.strip(_EDGES)), "")
    line = _LABEL.sub("", " ".join(line.split()))
    title = line.strip(_EDGES)
    if line.endswith((".", ":")) and len(title.split()) > SENTENCE_WORDS:
        return ""  # a sentence
    letters = sum(letter.isalpha() for letter in title)
    if len(title) > TITLE_CHARACTERS or len(title.split()) > TITLE_WORDS or letters < FEWEST_LETTERS:
        return ""
    same = folded(title)
    ours = [text for examples in _EXAMPLES.values() for example in examples for text in example]
    if same in folded("\n".join([*_ORDERS.values(), *ours])) or _LABEL.match(title + ":"):
        return ""
    # the question again is what stands there already; the answer's beginning is an answer, and no title
    if same == folded(" ".join(question.split())).strip(_EDGES + "?¿!¡"):
        return ""
    if len(title.split()) > 2 and folded(" ".join(answer.split())).strip(_EDGES).startswith(same):
        return ""
    return title[0].upper() + title[1:]


def _wanting(chats: ChatStore, number: int) -> Chat | None:
    return chats.chat(number) if chats.wants_title(number) else None


def _first_turn(chat: Chat) -> tuple[str, str] | None:
    """The first question with its answer; None where there is none, or the time for a title is over."""
    answers = [message for message in chat.messages if message.role == "assistant" and message.text]
    asked = next((message for message in chat.messages if message.role == "user"), None)
    if asked is None or not answers or len(answers) > ATTEMPTS:
        return None
    named = " ".join(file.name for file in asked.files)
    return f"{asked.text} {named}".strip(), answers[0].text


def _short(text: str) -> str:
    kept = " ".join(text.split())
    return harmless(kept if len(kept) <= READ_CHARACTERS else kept[:READ_CHARACTERS].rsplit(" ", 1)[0] + "…")
