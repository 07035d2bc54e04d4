"""Looking for words in the chat that is shown: which messages hold them, and which of those is in front.

Opens a chat at a message that was found elsewhere, too. Marks and scrolls nothing: the conversation does.
"""

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.found_words import Term, holds, terms_of
from desktop.core.types import Problem
from desktop.view_models.bridge import follow
from desktop.view_models.chat_path import ChatPath, path_of
from desktop.view_models.conversation import ConversationViewModel


class FindViewModel(QObject):
    """A hit is a message of the path that is shown; the words in it are the conversation's to mark."""

    changed = Signal()  # `active`, `query`, `hits`, `at`
    wanted = Signal(int)  # show the message at this index

    def __init__(
        self, core: Core, conversation: ConversationViewModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._core = core
        self._conversation = conversation
        self._awaited: tuple[int, int] | None = None  # a chat on its way to the front, and its message
        self.active = False
        self.query = ""
        self.hits: tuple[int, ...] = ()  # keys of messages, from the first
        self.at = -1  # which of them is in front; -1: none
        conversation.reset.connect(self._other_chat)
        for signal in (conversation.path_changed, conversation.turns_replaced, conversation.reply_ended):
            signal.connect(self._look_again)

    @property
    def terms(self) -> tuple[Term, ...]:
        """What is to be marked; () while nothing is looked for."""
        return terms_of(self.query) if self.active else ()

    # ── what a person wants ──

    def begin(self) -> None:
        """Look for what was looked for last."""
        self.active = True
        self._look_again()

    def search(self, query: str) -> None:
        """Look for these words; the first hit from the one in front on comes to the front."""
        self.active, self.query = True, query
        before = self.hits[self.at] if self.at >= 0 else None
        self.hits = self._found()
        self.at = self._nearest(before)
        self._show()

    def step(self, forward: bool) -> None:
        """The next hit or the one before, around the ends."""
        if self.hits:
            self.at = (self.at + (1 if forward else -1)) % len(self.hits)
            self._show()

    def end(self) -> None:
        """No more marks."""
        if self.active:
            self.active, self.hits, self.at = False, (), -1
            self.changed.emit()

    def open_at(self, chat: int, message: int, query: str) -> None:
        """Bring a chat to the front on the branch of a message, and show the words of `query` in it."""
        self.active, self.query = True, query
        shown = self._conversation.chat
        if shown is not None and shown.id == chat and self._conversation.turn(message) is not None:
            self._go_to(message)
            return
        self._awaited = (chat, message)

        def on_its_branch(path: ChatPath) -> None:
            if self._awaited != (chat, message):
                return
            if shown is not None and shown.id == chat:
                self._awaited = None
                self._conversation.show_path(path)
                self._go_to(message)
            else:
                self._conversation.open(chat)

        def not_there(problem: Problem) -> None:
            # a reply is on its way in it, which holds the branch: what is shown of it is shown
            if problem.code == "reply_running" and self._awaited == (chat, message):
                self._conversation.open(chat)
            else:
                self._awaited = None
                self._conversation.report(problem)

        branch = self._core.activate(message)
        follow(branch, self, on_result=on_its_branch, on_error=not_there, made=path_of)

    # ── what the conversation tells ──

    def _other_chat(self) -> None:
        shown = self._conversation.chat
        awaited = self._awaited
        if awaited is not None and shown is not None and shown.id == awaited[0]:
            self._awaited = None
            self._go_to(awaited[1])
        else:
            self._awaited = None  # another chat was chosen since
            self.end()

    def _look_again(self, *_: object) -> None:
        if self.active:
            before = self.hits[self.at] if self.at >= 0 else None
            self.hits = self._found()
            self.at = self.hits.index(before) if before in self.hits else min(self.at, len(self.hits) - 1)
            self.changed.emit()

    def _go_to(self, message: int) -> None:
        self.hits = self._found()
        if message not in self.hits:  # its words are scattered over several messages
            keys = self._conversation.turns.keys
            self.hits = tuple(key for key in keys if key == message or key in self.hits)
        self.at = self.hits.index(message) if message in self.hits else -1
        self._show()

    def _show(self) -> None:
        self.changed.emit()
        if self.at >= 0:
            index = self._conversation.turns.index_of(self.hits[self.at])
            if index is not None:
                self.wanted.emit(index)

    def _found(self) -> tuple[int, ...]:
        """Messages that hold all words; where there is none, those that hold one of them."""
        terms = self.terms
        if not terms:
            return ()
        turns = self._conversation.turns
        whole = tuple(t.key for t in turns if holds(t.text, terms))
        return whole or tuple(t.key for t in turns if any(holds(t.text, (term,)) for term in terms))

    def _nearest(self, before: int | None) -> int:
        if not self.hits:
            return -1
        place = {key: n for n, key in enumerate(self._conversation.turns.keys)}
        if before is None or before not in place:
            return len(self.hits) - 1  # the newest: where a chat is read
        later = [n for n, key in enumerate(self.hits) if place[key] >= place[before]]
        return later[0] if later else len(self.hits) - 1
