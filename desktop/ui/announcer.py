"""Says aloud, to those who hear the window, what others see happen elsewhere than under the keys.

That a reply begins and ends, what went wrong, that something long is done. Silent where nothing listens.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop.core.types import Problem
from desktop.i18n import _
from desktop.ui.aloud import tell
from desktop.view_models.session import Session
from desktop.words import hint, sentence

MOST_CHARACTERS = 300  # of a reply: the rest is read in the conversation

Say = Callable[[str, bool], None]  # the words, and whether they may interrupt


class Announcer(QObject):
    """`say` is asked for each announcement; by default it tells assistive technology."""

    def __init__(self, session: Session, window: QWidget, say: Say | None = None) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._say = say or self._tell
        self._running = session.conversation.running
        self._told: list[Problem] = [one.problem for one in session.notices.notices]
        self._chat = self._chat_now()
        session.conversation.running_changed.connect(self._reply)
        session.conversation.reset.connect(self._other_chat)
        session.conversation.problem_changed.connect(self._not_asked)
        session.notices.changed.connect(self._notices)
        session.long_jobs.ended.connect(self._job)
        session.settings.refused.connect(self._refused)

    def _other_chat(self) -> None:
        before, self._chat = self._chat, self._chat_now()
        # a new chat is stored with its first question: it is the same one
        if before is not None or not self._running:
            self._running = self._session.conversation.running

    def _chat_now(self) -> int | None:
        chat = self._session.conversation.chat
        return None if chat is None else chat.id

    def _reply(self, running: bool) -> None:
        turns = self._session.conversation.turns
        last = turns[-1] if turns else None
        if running == self._running or (not running and (last is None or not last.is_reply)):
            return  # between storing a new chat and asking in it, nothing runs for a moment
        self._running = running
        if running or last is None:
            self._say(_("The reply begins."), False)
        elif last.problem is not None and last.state == "failed":
            self._say(_both(last.problem), True)
        else:
            self._say(f"{_('The reply is ready.')} {_beginning(last.text)}".strip(), False)

    def _not_asked(self, problem: Problem | None) -> None:
        if problem is not None:
            self._running = False
            self._say(_both(problem), True)

    def _notices(self) -> None:
        there = [one.problem for one in self._session.notices.notices]
        for problem in there:
            if problem not in self._told:
                self._say(_both(problem), True)
        self._told = there

    def _job(self, ended: object) -> None:
        from desktop.ui.shell.notifier import words
        from desktop.view_models.long_jobs import Ended

        if isinstance(ended, Ended) and (ended.kind != "reply" or ended.elsewhere):
            self._say(words(ended), ended.failed)

    def _refused(self, _name: str, problem: Problem) -> None:
        self._say(_both(problem), True)

    def _tell(self, words: str, urgent: bool) -> None:
        tell(self._window, words, urgent=urgent)


def _both(problem: Problem) -> str:
    return " ".join(part for part in (sentence(problem), hint(problem)) if part)


def _beginning(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= MOST_CHARACTERS else words[:MOST_CHARACTERS].rsplit(" ", 1)[0] + "…"
