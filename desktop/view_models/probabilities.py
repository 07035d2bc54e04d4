"""What else a reply might have said: the tokens of one reply, one of them in front, and the way to another.

Chooses no words and paints nothing. What samplers make of a token's chances: desktop.view_models.chances.
"""

from typing import Final, Literal

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.replies.repeats import record_of
from desktop.core.replies.token_spans import Span, spans
from desktop.core.types import Problem, ReplyValues
from desktop.view_models.bridge import follow
from desktop.view_models.chances import Chance, Chances, Knobs, chances, drawn, with_drawn
from desktop.view_models.conversation import ConversationViewModel
from desktop.view_models.replies import RunningReply
from desktop.view_models.settings import SettingsViewModel
from desktop.view_models.turn_list import REPLY
from desktop.view_models.turns import Turn
from engine.protocol import Sampling, TokenDetail

ASKED_FOR: Final = 10  # alternatives of each token, when a person first wants any

State = Literal["no_reply", "reading", "not_kept", "known"]


class ProbabilitiesViewModel(QObject):
    """One for the window. `token` is the place in front, -1 where there is none."""

    changed = Signal()  # another reply, or more is known of it
    token_changed = Signal(int)
    heat_changed = Signal(bool)  # replies are tinted by how likely their tokens were
    open_wanted = Signal()
    failed = Signal(object)  # Problem

    def __init__(
        self,
        core: Core,
        conversation: ConversationViewModel,
        settings: SettingsViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._core = core
        self._conversation = conversation
        self._settings = settings
        self.key: int | None = None
        self.state: State = "no_reply"
        self.details: tuple[TokenDetail, ...] = ()
        self.spans: tuple[Span | None, ...] = ()
        self.token = -1
        self.heat = False
        self.looking = False  # the panel stands open: its token is marked in the reply
        self._place = 0  # where to begin when no character is asked for
        self._wanted: int | None = None  # the character that was clicked before its tokens were known
        conversation.reset.connect(self._find_reply)
        conversation.turns_replaced.connect(self._find_reply)
        conversation.path_changed.connect(self._find_reply)
        conversation.reply_ended.connect(self._ended)
        settings.changed.connect(lambda *_: self.changed.emit())

    @property
    def turn(self) -> Turn | None:
        return self._conversation.turn(self.key) if self.key is not None else None

    @property
    def asks_for(self) -> int:
        """How many alternatives replies are made with at present."""
        return int(str(self._settings.value("alternatives")))

    @property
    def busy(self) -> bool:
        """A reply of the chat is on its way: nothing can be gone on with now."""
        return self._conversation.running

    # ── which reply ──

    def show_last(self) -> None:
        """The last reply of the chat in front, whether anything is known of it or not."""
        replies = [key for key in self._conversation.turns.keys_with(REPLY) if key >= 0]
        self.show(replies[-1] if replies else None)

    def show(self, key: int | None, character: int | None = None) -> None:
        """A reply, at the token that wrote a character of its text."""
        if key is not None and key == self.key and self.state in ("known", "not_kept"):
            if character is not None:
                self._go_to_character(character)
            self.changed.emit()
            return
        self._take(key, ())
        self.state = "no_reply" if key is None else "reading"
        self._wanted = character
        self.changed.emit()
        if key is not None:
            self._read(key)

    def pick(self, key: int, character: int) -> None:
        """A word was clicked: show it where something is known of it, or where alternatives are wanted."""

        def known(details: tuple[TokenDetail, ...]) -> None:
            if details or self.asks_for:
                self._take(key, details)
                self._go_to_character(character)
                self.open_wanted.emit()
                self.changed.emit()

        turn = self._conversation.turn(key)
        if turn is not None and turn.is_reply and turn.state != "streaming":
            follow(self._core.token_details(key), self, on_result=known, on_error=lambda _: None)

    def _read(self, key: int) -> None:
        def known(details: tuple[TokenDetail, ...]) -> None:
            if key == self.key:
                self._take(key, details)
                self._go_to_character(self._wanted)
                self.changed.emit()

        follow(self._core.token_details(key), self, on_result=known, on_error=self.failed.emit)

    def _take(self, key: int | None, details: tuple[TokenDetail, ...]) -> None:
        self.key, self.details, self.token = key, details, -1
        turn = self.turn
        thoughts = turn.thoughts.text if turn is not None and turn.thoughts is not None else ""
        self.spans = spans(details, turn.text if turn is not None else "", thoughts)
        self.state = "known" if details else "not_kept"

    def _find_reply(self, *_: object) -> None:
        """The reply may be gone, or another version stands in its place."""
        if self.key is not None and self.turn is None and not self.busy:
            self.show_last()

    def _ended(self, index: int) -> None:
        if self.key is not None or self.looking:
            self.state = "reading"  # what was known of it while it was written is not all
            self.show(self._conversation.turns[index].key)

    # ── which token ──

    def go_to(self, token: int) -> None:
        if self.details and 0 <= token < len(self.details) and token != self.token:
            self.token = token
            self.token_changed.emit(token)

    def _go_to_character(self, character: int | None) -> None:
        if not self.details:
            return
        at = next((n for n, span in enumerate(self.spans) if span and character in range(*span)), None)
        if at is None:
            at = self._place if 0 <= self._place < len(self.details) else 0
        self.token = at
        self.token_changed.emit(at)

    @property
    def detail(self) -> TokenDetail | None:
        return self.details[self.token] if 0 <= self.token < len(self.details) else None

    @property
    def sampling(self) -> Sampling | None:
        """What the reply was drawn with; None where that was not kept."""
        turn = self.turn
        record = record_of(turn.stats) if turn is not None else None
        return record.sampling if record is not None else None

    def chances(self, knobs: Knobs) -> Chances:
        """Of the token in front."""
        detail, sampling = self.detail, self.sampling
        if detail is None:
            return Chances(())
        made = chances(detail.before, knobs)
        if sampling is not None and knobs == Knobs.of(sampling):
            made = drawn(detail, made)
            if detail.id not in {one.id for one in made.known}:
                one = Chance(detail.id, detail.text, detail.p_before, detail.p_after)
                rest = max(0.0, made.rest - detail.p_after)
                made = Chances((*made.known, one), max(0.0, made.rest_before - detail.p_before), rest)
            return made
        return with_drawn(detail, made, knobs.temperature)

    # ── what can be done ──

    def set_looking(self, looking: bool) -> None:
        if looking != self.looking:
            self.looking = looking
            self.heat_changed.emit(self.heat)

    def set_heat(self, heat: bool) -> None:
        if heat != self.heat:
            self.heat = heat
            self.heat_changed.emit(heat)

    def ask_for_alternatives(self) -> None:
        """Have them kept from the next reply on."""
        self._settings.set("alternatives", ASKED_FOR)

    def answer_again(self) -> None:
        """The same question once more, with alternatives."""
        if self.key is not None:
            self._conversation.regenerate(self.key)

    def go_on_with(self, instead: int) -> None:
        """A version of the reply that has another token here, and goes on from it."""
        turn, chat = self.turn, self._conversation.chat
        if turn is None or chat is None or self.busy or self.token < 0:
            return
        self._place = self.token  # the branch is looked at where it begins
        operation = self._core.branch_reply(turn.key, self.token, instead)
        self._conversation.report(None)
        self._conversation.run(RunningReply.again(chat.id, turn, operation))

    def use_for_chat(self, knobs: Knobs) -> None:
        """Have the chat's replies made with these values from now on; what else is its own stays."""
        chat = self._conversation.chat
        if chat is None:
            return

        def own(found: ReplyValues) -> None:
            kept = {name: found.values[name] for name, source in found.sources.items() if source == "chat"}
            values = {
                **kept,
                "temperature": round(knobs.temperature, 2),
                "top_k": knobs.top_k,
                "top_p": round(knobs.top_p, 2),
                "min_p": round(knobs.min_p, 2),
            }
            follow(self._core.set_reply_values(values, chat=chat.id), self, on_error=self._refused)

        follow(self._core.reply_values(chat=chat.id), self, on_result=own, on_error=self._refused)

    def _refused(self, problem: Problem) -> None:
        self.failed.emit(problem)
