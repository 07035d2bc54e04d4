"""The panel of probabilities: a reply token by token, what else might have stood there, what settings do."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.insight import wording
from desktop.ui.insight.bars import Bars
from desktop.ui.insight.curve import Curve
from desktop.ui.insight.knobs import KnobSliders
from desktop.ui.insight.reply_canvas import ReplyCanvas
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import space
from desktop.ui.yielding import Scrolling
from desktop.view_models.chances import Chance, Knobs
from desktop.view_models.probabilities import ProbabilitiesViewModel


class ProbabilitiesPanel(QWidget):
    """Shows the reply that its view model has in front."""

    def __init__(self, probabilities: ProbabilitiesViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._vm = probabilities
        column = QVBoxLayout(self)
        column.setContentsMargins(space.l, 0, 0, space.m)
        column.setSpacing(space.s)
        self.say = label("", "muted", wrap=True)
        self.say.setContentsMargins(0, 0, space.l, 0)
        column.addWidget(self.say)
        column.addLayout(self._offers())
        self.canvas = ReplyCanvas()
        self.canvas.moved.connect(probabilities.go_to)
        column.addWidget(self.canvas, 2)
        self._below = self._scroll()
        column.addWidget(self._below, 5)
        column.addStretch(0)
        probabilities.changed.connect(self.refresh)
        probabilities.token_changed.connect(self._show_token)
        probabilities.heat_changed.connect(self._name_heat)
        self._shown: tuple[int | None, int] = (None, -1)
        self._name_heat(probabilities.heat)
        self.refresh()

    def _offers(self) -> QVBoxLayout:
        row = QVBoxLayout()
        row.setContentsMargins(0, 0, space.l, 0)
        row.setSpacing(space.s)
        self.turn_on = text_button(_("Keep alternatives"), "primary", self._vm.ask_for_alternatives)
        self.again = text_button(_("Answer again"), "", self._vm.answer_again)
        self.heat = text_button("", "link", lambda: self._vm.set_heat(not self._vm.heat))
        for button in (self.turn_on, self.again, self.heat):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return row

    def _scroll(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, space.l, 0)
        column.setSpacing(space.s)
        self.token = label("", "text", wrap=True)
        self.bars = Bars()
        self.rest = label("", "caption", wrap=True)
        self.go_on = text_button("", "", self._go_on)
        self.curve = Curve()
        self.knobs = KnobSliders()
        self.bars.moved.connect(lambda _token: self._name_go_on())
        self.bars.chosen.connect(lambda _token: self._go_on())
        self.knobs.changed.connect(self._show_chances)
        self.as_made = text_button(_("As it was made"), "link", self._reset)
        self.use = text_button(_("Use in this chat"), "link", lambda: self._vm.use_for_chat(self.knobs.knobs))
        ways = QHBoxLayout()
        ways.addWidget(self.as_made)
        ways.addStretch(1)
        ways.addWidget(self.use)
        about = _("What would other settings make of it? Turn, and see.")
        for part in (self.token, self.bars, self.rest, self.go_on, label(about, "caption", wrap=True)):
            column.addWidget(part)
        column.addWidget(self.curve)
        column.addWidget(self.knobs)
        column.addLayout(ways)
        column.addStretch(1)
        return Scrolling(inside)

    # ── what is shown ──

    def refresh(self) -> None:
        """Another reply, or more is known of it."""
        vm = self._vm
        known = vm.state == "known"
        self.say.setText(self._words())
        self.turn_on.setVisible(vm.state == "not_kept" and not vm.asks_for)
        self.again.setVisible(vm.state == "not_kept" and bool(vm.asks_for))
        self.again.setEnabled(not vm.busy)
        for part in (self.canvas, self._below, self.heat):
            part.setVisible(known)
        if known:
            self.canvas.show_details(vm.details)
            self._show_token(vm.token)

    def _words(self) -> str:
        match self._vm.state:
            case "no_reply":
                return _("There is no reply yet.")
            case "reading":
                return _("One moment")
            case "known":
                return _("Click a word, or walk with the arrow keys: what else might have stood there?")
        if self._vm.asks_for:
            return _("What else might have stood here was not kept. From the next reply on it is.")
        return _("What else might have stood here was not kept: it is only where you ask for it.")

    def _show_token(self, token: int) -> None:
        detail = self._vm.detail
        if detail is None or token < 0:
            return
        self.canvas.show_token(token)
        said = _("{token}: {before} by the model, {after} after the samplers; {rank}")
        self.token.setText(
            said.format(
                token=wording.token_text(detail.text, detail.id),
                before=wording.share(detail.p_before),
                after=wording.share(detail.p_after),
                rank=wording.rank(detail),
            )
        )
        self._reset()

    def _reset(self) -> None:
        sampling = self._vm.sampling
        self.knobs.show_knobs(Knobs.of(sampling) if sampling is not None else Knobs())
        self._show_chances()

    def _show_chances(self) -> None:
        detail = self._vm.detail
        if detail is None:
            return
        made = self._vm.chances(self.knobs.knobs)
        here = (self._vm.key, self._vm.token)
        self.bars.show_chances(made, detail.id, self._cuts(made.known), anew=here != self._shown)
        self._shown = here
        self.curve.show_chances(made)
        self.rest.setText(wording.rest(made))
        self._name_go_on()

    def _cuts(self, known: tuple[Chance, ...]) -> dict[int, str]:
        """What cut each token: a sampler by its name, or one that the sliders do not have."""
        detail, sampling = self._vm.detail, self._vm.sampling
        found = {one.id: wording.cut_by(one.cut) for one in known if one.cut and not one.after}
        as_made = sampling is not None and self.knobs.knobs == Knobs.of(sampling)
        if detail is not None and as_made and len(detail.after) < len(detail.before):
            left = {one.id for one in detail.after}
            found |= {one.id: _("cut") for one in known if one.id not in left and one.id not in found}
        return found

    def _name_go_on(self) -> None:
        one, detail = self.bars.token, self._vm.detail
        drawn = one is not None and detail is not None and one.id == detail.id
        self.go_on.setText(_("Write on from here anew") if drawn else _("Continue from here with this"))
        self.go_on.setAccessibleDescription(wording.token_text(one.text, one.id) if one is not None else "")
        self.go_on.setEnabled(one is not None and not self._vm.busy)

    def _go_on(self) -> None:
        if self.bars.token is not None:
            self._vm.go_on_with(self.bars.token.id)

    def _name_heat(self, heat: bool) -> None:
        self.heat.setText(_("Do not tint the chat") if heat else _("Tint the chat by probability"))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._vm.set_looking(False)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._vm.set_looking(True)
        if self._vm.key is None or self._vm.turn is None:
            self._vm.show_last()
