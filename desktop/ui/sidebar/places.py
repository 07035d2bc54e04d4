"""Around the list: doors to archive and trash, the head while one stands open, and what was just done."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.i18n import _, ngettext, number
from desktop.ui.pieces import ElidedLabel, icon_button, label, put_icon, text_button
from desktop.ui.sidebar.rows import CHATS_MIME, heading_of
from desktop.ui.theme import set_kind, space
from desktop.view_models.chat_deeds import Done, Question
from desktop.view_models.chat_rows import Place
from desktop.view_models.chats import ChatsViewModel


class Doors(QWidget):
    """Archive and trash, with how many chats they hold. Chats may be dropped on them."""

    def __init__(self, chats: ChatsViewModel) -> None:
        super().__init__()
        self._chats = chats
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space.xs)
        self.archived = _Door("archive", lambda: chats.go_to("archived"))
        self.archived.dropped.connect(lambda numbers: chats.archive(numbers, True))
        self.trash = _Door("delete", lambda: chats.go_to("trash"))
        self.trash.dropped.connect(lambda numbers: chats.delete(*numbers))
        row.addWidget(self.archived)
        row.addWidget(self.trash)
        row.addStretch(1)
        chats.changed.connect(self._refresh)
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._label()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())  # the words make way, see `_label`

    def _refresh(self) -> None:
        for door, name, count in self._counts():
            spoken = ngettext("{name}, {count} chat", "{name}, {count} chats", count)
            door.setAccessibleName(spoken.format(name=name, count=number(count)))
            door.setToolTip(name)
            door.setVisible(count > 0)
        some = any(count > 0 for _door, _name, count in self._counts())
        self.setVisible(self._chats.place == "" and some)
        self._label()

    def _counts(self) -> "tuple[tuple[_Door, str, int], ...]":
        return (
            (self.archived, heading_of("archived"), self._chats.archived),
            (self.trash, heading_of("trash"), self._chats.trashed),
        )

    def _label(self) -> None:
        """The names where all of them fit; else the numbers alone, beside the icons."""
        shown = [one for one in self._counts() if one[2] > 0]
        for with_names in (True, False):
            for door, name, count in shown:
                door.setText(f"{name} {number(count)}" if with_names else number(count))
            needed = sum(door.sizeHint().width() for door, _name, _count in shown)
            if needed + space.xs * (len(shown) - 1) <= self.width():
                return


class _Door(QPushButton):
    """A quiet button on which chats can be dropped."""

    dropped = Signal(object)  # numbers of chats

    def __init__(self, icon: str, clicked: object) -> None:
        super().__init__()
        set_kind(self, "quiet")
        put_icon(self, icon, "muted")
        self.setStyleSheet("text-align: left;")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAcceptDrops(True)
        self.setAutoDefault(False)
        self.clicked.connect(clicked)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(CHATS_MIME) and _numbers(event):
            event.acceptProposedAction()
            self.setDown(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: ARG002
        self.setDown(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.setDown(False)
        event.acceptProposedAction()
        self.dropped.emit(_numbers(event))


class PlaceHead(QWidget):
    """The way back from archive or trash, its name, and for the trash the way to empty it."""

    def __init__(self, chats: ChatsViewModel) -> None:
        super().__init__()
        self._chats = chats
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space.xs)
        self.back = icon_button("chevron_left", _("Back to the chats"), lambda: chats.go_to(""))
        row.addWidget(self.back)
        self.name = ElidedLabel("", "section")
        row.addWidget(self.name)
        row.addStretch(1)
        self.empty = text_button(_("Empty"), "link", chats.ask_to_empty_trash)
        self.empty.setAccessibleName(_("Empty the trash"))
        row.addWidget(self.empty)
        self._shown: Place = ""
        chats.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        place = self._chats.place
        self.setVisible(place != "")
        if place:
            self.name.set_text(heading_of(place))
        self.empty.setVisible(place == "trash" and self._chats.trashed > 0)
        if place and place != self._shown and self.isVisible():
            self.back.setFocus(Qt.FocusReason.OtherFocusReason)
        self._shown = place


class DoneBar(QWidget):
    """What was just done, with the offer to undo it; or what is asked before it is done for good."""

    def __init__(self, chats: ChatsViewModel) -> None:
        super().__init__()
        self._chats = chats
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        set_kind(self, "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(space.m, space.xs, space.xs, space.xs)
        column.setSpacing(space.xs)
        top = QHBoxLayout()
        top.setSpacing(space.xs)
        self.text = label("", wrap=True)
        top.addWidget(self.text, 1)
        self.undo = text_button(_("Undo"), "link", chats.undo)
        top.addWidget(self.undo)
        self.dismiss = icon_button("close", _("Dismiss"), chats.forget_done)
        top.addWidget(self.dismiss)
        column.addLayout(top)
        self._answers = QWidget()
        answers = QHBoxLayout(self._answers)
        answers.setContentsMargins(0, 0, space.s, space.xs)
        answers.setSpacing(space.s)
        self.confirm = text_button(_("Delete"), "danger", chats.confirm)
        self.decline = text_button(_("Keep"), "", chats.decline)
        answers.addWidget(self.confirm)
        answers.addWidget(self.decline)
        answers.addStretch(1)
        column.addWidget(self._answers)
        chats.done_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        done, question = self._chats.done, self._chats.question
        self.setVisible(done is not None or question is not None)
        self._answers.setVisible(question is not None)
        self.undo.setVisible(question is None and done is not None and done.undoable)
        self.dismiss.setVisible(question is None)
        words = asked(question, self._chats.trashed) if question else said(done) if done else ""
        self.text.setText(words)
        self.setAccessibleName(words)
        if question is not None:
            self.decline.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._chats.question is not None:
            self._chats.decline()
        else:
            super().keyPressEvent(event)


def said(done: Done) -> str:
    """What was done, in words."""
    count = done.chats
    texts = {
        "deleted": ngettext("Chat deleted", "{count} chats deleted", count),
        "archived": ngettext("Chat archived", "{count} chats archived", count),
        "unarchived": ngettext("Chat back in the list", "{count} chats back in the list", count),
        "restored": ngettext("Chat restored", "{count} chats restored", count),
        "erased": ngettext("Chat deleted for good", "{count} chats deleted for good", count),
        "moved": ngettext("Chat moved to “{where}”", "{count} chats moved to “{where}”", count)
        if done.where
        else ngettext("Chat moved out of the folder", "{count} chats moved out of the folder", count),
        "folder_deleted": _("Folder deleted, chats in “{where}”")
        if done.where
        else _("Folder deleted, chats kept"),
    }
    return texts[done.deed].format(count=number(count), where=done.where)


def asked(question: Question, trashed: int) -> str:
    """What is to be confirmed, in words."""
    if question.deed == "empty_trash":
        text = ngettext(
            "Delete the chat in the trash for good?", "Delete {count} chats in the trash for good?", trashed
        )
        return text.format(count=number(trashed))
    if question.title:
        return _("Delete “{title}” for good? Nothing of it will be left.").format(title=question.title)
    count = len(question.chats)
    text = ngettext(
        "Delete this chat for good? Nothing of it will be left.",
        "Delete {count} chats for good? Nothing of them will be left.",
        count,
    )
    return text.format(count=number(count))


def _numbers(event: QDropEvent) -> tuple[int, ...]:
    words = bytes(event.mimeData().data(CHATS_MIME).data()).decode("ascii", "replace").split()
    return () if "folder" in words else tuple(int(word) for word in words if word.lstrip("-").isdigit())
