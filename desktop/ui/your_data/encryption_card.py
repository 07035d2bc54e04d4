"""The card of encryption: set it up, change the passphrase, take it away. Keeps nothing typed."""

from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from desktop.i18n import _, number
from desktop.ui.models.parts import progress, show_share
from desktop.ui.pieces import label, text_button, unbroken
from desktop.ui.your_data import encryption_texts, texts
from desktop.ui.your_data.cards import Card
from desktop.view_models.encryption import EncryptionViewModel

Asked = Literal["", "encrypt", "change", "decrypt"]


class EncryptionCard(Card):
    """At rest what is the case; then a form, in which Escape goes back; then a bar."""

    def __init__(self, encryption: EncryptionViewModel) -> None:
        self._encryption = encryption
        self._asked: Asked = ""
        self._did: Asked = ""
        self.encrypt = text_button(_("Encrypt…"), "", lambda: self._ask("encrypt"))
        self.change = text_button(_("Change the passphrase…"), "", lambda: self._ask("change"))
        self.decrypt = text_button(_("Remove encryption…"), "", lambda: self._ask("decrypt"))
        self.go = text_button("", "primary", self._go)
        self.cancel = text_button(_("Cancel"), "quiet", lambda: self._ask(""))
        rest = (self.encrypt, self.change, self.decrypt)
        super().__init__(_("Encryption"), "", *rest, self.go, self.cancel)
        self.said = label("", "muted", wrap=True)
        self.warning = label("", wrap=True)
        self.more = [label(unbroken(text), "muted", wrap=True) for text in encryption_texts.outside()]
        self.old = _field(_("Present passphrase"))
        self.first = _field(_("New passphrase"))
        self.second = _field(_("The same once more"))
        self.note = label("", "caption", wrap=True)
        self.bar = progress(_("Progress"))
        self.problem = label("", "danger", wrap=True)
        parts = (self.said, self.warning, *self.more, self.old, self.first, self.second)
        for place, widget in enumerate((*parts, self.note, self.bar, self.problem)):
            self.column.insertWidget(1 + place, widget)
        for field in (self.old, self.first, self.second):
            field.textChanged.connect(self._typed)
            field.returnPressed.connect(self._next)
        encryption.changed.connect(self.refresh)
        encryption.done.connect(self._done)
        self.refresh()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._encryption.look()

    # ── what is shown ──

    def refresh(self) -> None:
        encryption, asked = self._encryption, self._asked
        state = encryption.now.state if encryption.now is not None else ""
        running = encryption.running
        form = asked if not running else ""
        self.encrypt.setVisible(state == "off" and not asked and not running)
        for button in (self.change, self.decrypt):
            button.setVisible(state in ("on", "unfinished") and not asked and not running)
        self.go.setVisible(bool(form))
        self.cancel.setVisible(bool(form))
        self.warning.setVisible(bool(form) and form != "change")
        for paragraph in self.more:
            paragraph.setVisible(form == "encrypt")
        self.old.setVisible(form in ("change", "decrypt"))
        self.first.setVisible(form in ("encrypt", "change"))
        self.second.setVisible(form in ("encrypt", "change"))
        self.bar.setVisible(running)
        show_share(self.bar, encryption.share)
        self.problem.setVisible(encryption.problem is not None and not running)
        if encryption.problem is not None:
            self.problem.setText(unbroken(texts.problem(encryption.problem)))
        self.said.setText(unbroken(self._sentence()))
        self._typed()

    def _sentence(self) -> str:
        now = self._encryption.now
        if self._encryption.running and self._asked != "change":
            return encryption_texts.running_sentence(sealing=self._asked == "encrypt")
        if self._encryption.running or now is None:
            return _("One moment…")
        return encryption_texts.state_sentence(now.state, changed=self._did == "change")

    def _ask(self, asked: Asked) -> None:
        self._asked, self._did = asked, ""
        self._forget()
        self.warning.setText(unbroken(encryption_texts.warning(sealing=asked == "encrypt")))
        words = {"encrypt": _("Encrypt"), "change": _("Change"), "decrypt": _("Remove encryption")}
        self.go.setText(words.get(asked, ""))
        self._encryption.forget_problem()
        target = {"": self.encrypt, "encrypt": self.first}.get(asked, self.old)
        if not asked and not self.encrypt.isVisibleTo(self):
            target = self.change
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _typed(self) -> None:
        note, ready = self._readiness()
        self.note.setText(note)
        self.note.setVisible(bool(note) and not self._encryption.running)
        self.go.setEnabled(ready)

    def _readiness(self) -> tuple[str, bool]:
        """What still is missing, and whether nothing is."""
        if not self._asked:
            return "", False
        if self._asked in ("change", "decrypt") and not self.old.text():
            return "", False
        if self._asked == "decrypt":
            return "", True
        now = self._encryption.now
        least = now.least_characters if now is not None else 8
        if len(self.first.text()) < least:
            return _("At least {count} characters; several words are best.").format(
                count=number(least)
            ), False
        if self.first.text() != self.second.text():
            return _("The two are not the same yet.") if self.second.text() else "", False
        return "", True

    # ── what is done ──

    def _next(self) -> None:
        """Enter: to the next empty field, else on."""
        fields = [field for field in (self.old, self.first, self.second) if field.isVisibleTo(self)]
        empty = [field for field in fields if not field.text()]
        if empty:
            empty[0].setFocus(Qt.FocusReason.TabFocusReason)
        elif self.go.isEnabled():
            self._go()

    def _go(self) -> None:
        old, new = self.old.text(), self.first.text()
        if not self._readiness()[1]:
            return
        self._forget()
        match self._asked:
            case "encrypt":
                self._encryption.encrypt(new)
            case "change":
                self._encryption.change_passphrase(old, new)
            case "decrypt":
                self._encryption.decrypt(old)

    def _done(self) -> None:
        self._did, self._asked = self._asked, ""
        self.refresh()
        target = self.encrypt if self.encrypt.isVisibleTo(self) else self.change
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _forget(self) -> None:
        for field in (self.old, self.first, self.second):
            field.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._asked and not self._encryption.running:
            self._ask("")
        else:
            super().keyPressEvent(event)


def _field(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    field.setPlaceholderText(name)
    field.setAccessibleName(name)
    return field
