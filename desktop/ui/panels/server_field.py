"""The field of the Chroma server: its name, its token, and how it stands with it. Decides nothing."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from desktop.core.events import ServerStatus
from desktop.core.settings import Setting
from desktop.i18n import _, ngettext, number
from desktop.ui.panels.fields import Field
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import space
from desktop.words import hint, sentence


class ServerField(Field):
    """Its value is a machine's name; "" is none. `token_given` has what was typed; "" forgets it."""

    token_given = Signal(str)

    def __init__(self, setting: Setting) -> None:  # noqa: ARG002 - as every field is made
        super().__init__()
        self._shown = ""
        self.line = QLineEdit()
        self.line.setPlaceholderText(_("None"))
        self.line.editingFinished.connect(self._edited)
        self.token = QLineEdit()
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.setAccessibleName(_("Token of the Chroma server"))
        self.token.returnPressed.connect(self._give_token)
        self.forget = text_button(_("Forget the token"), "link", lambda: self.token_given.emit(""))
        self.told = label("", "caption", wrap=True)
        self.trouble = label("", "danger", wrap=True)
        self.about_token = label("", "caption", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.xs)
        for widget in (self.line, self.told, self.trouble, self.token, self.about_token):
            column.addWidget(widget)
        column.addWidget(self.forget, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_token(there=False, kept=True)
        self.show_state(None)

    def show_value(self, value: object) -> None:
        self._shown = str(value)
        self.line.setText(self._shown)
        self._show_token_row()

    def show_token(self, *, there: bool, kept: bool) -> None:
        """Whether one is known, and whether it is kept beyond this run."""
        self._has_token = there
        self.token.clear()
        self.token.setPlaceholderText(
            _("A token is known. Enter another one") if there else _("Token, if it asks for one, and Enter")
        )
        lost = there and not kept
        self.about_token.setText(
            _("This computer has no keyring: the token is forgotten when Sobremesa is closed.")
            if lost
            else ""
        )
        self._show_token_row()

    def show_state(self, state: ServerStatus | None) -> None:
        self.told.setText(_state(state) if state is not None else "")
        self.told.setVisible(bool(self.told.text()))
        problem = state.problem if state is not None else None
        told = "" if problem is None else " ".join(filter(None, (sentence(problem), hint(problem))))
        self.trouble.setText(told)
        self.trouble.setVisible(bool(told))

    def input(self) -> QWidget:
        return self.line

    def stops(self) -> list[QWidget]:
        return [self.line, self.token, self.forget]

    def _show_token_row(self) -> None:
        self.token.setVisible(bool(self._shown))
        self.about_token.setVisible(bool(self._shown) and bool(self.about_token.text()))
        self.forget.setVisible(bool(self._shown) and self._has_token)

    def _edited(self) -> None:
        if self.line.text().strip() != self._shown:
            self._shown = self.line.text().strip()
            self.changed.emit(self._shown)

    def _give_token(self) -> None:
        if self.token.text().strip():
            self.token_given.emit(self.token.text().strip())


def _state(state: ServerStatus) -> str:
    """How it stands, in a sentence or two; "" where a problem says it."""
    match state.state:
        case "offline":
            return _("“Offline” is on, so {host} is not asked.").format(host=state.host)
        case "connecting":
            return _("Looking for {host}…").format(host=state.host)
        case "sharing":
            return _("Sharing: {done} of {total} passages are there.").format(
                done=number(state.done), total=number(state.total)
            )
        case "ready":
            said = ngettext(
                "Connected. {count} collection of others is searched there.",
                "Connected. {count} collections of others are searched there.",
                state.collections,
            ).format(count=number(state.collections))
            shared = _("All {total} passages of yours are there.").format(total=number(state.total))
            return f"{said} {shared}" if state.total else said
        case _:
            return ""
