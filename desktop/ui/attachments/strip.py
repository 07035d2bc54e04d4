"""The files above the field in which a question is written, and what is wrong with them."""

from collections.abc import Callable, Hashable, Iterable
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.aloud import tell
from desktop.ui.attachments import texts
from desktop.ui.attachments.chip import Chip
from desktop.ui.attachments.flow import FlowLayout
from desktop.ui.pieces import label
from desktop.ui.theme import grown, set_kind, space
from desktop.ui.yielding import Yielding
from desktop.view_models.attachments import AttachmentsViewModel
from desktop.words import hint, sentence

MOST_PX: Final = 116  # more than three lines of chips scroll
CHIPS_SHARE: Final = 0.26  # of the window's height, at most
WORDS_SHARE: Final = 0.2
WORDS_LEAST_PX: Final = 48


class Chips(QScrollArea):
    """Chips by key, in the order in which they are shown. Those that stay keep the keyboard."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self._inside = QWidget()
        self._flow = FlowLayout(self._inside, space.xs)
        self.setWidget(self._inside)
        # which filled both with the colour of a window
        self._inside.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self.chips: dict[Hashable, Chip] = {}
        self.tab_after: QWidget | None = None  # the widget behind which Tab reaches them

    def show_chips(self, keys: Iterable[Hashable], make: Callable[[Hashable, QWidget], Chip]) -> None:
        """These and no others."""
        wanted = tuple(keys)
        lost_keys = False
        for key in [key for key in self.chips if key not in wanted]:
            gone = self.chips.pop(key)
            lost_keys = lost_keys or gone.isAncestorOf(self.focusWidget() or self)
            gone.hide()
            gone.deleteLater()
        for key in wanted:
            if key not in self.chips:
                self.chips[key] = make(key, self._inside)
                self.chips[key].show()
        while self._flow.count():
            self._flow.takeAt(0)
        before = self.tab_after
        for key in wanted:
            chip = self.chips[key]
            self._flow.addWidget(chip)
            for stop in (chip.body, chip.back, chip.close_button):
                if before is not None:
                    QWidget.setTabOrder(before, stop)
                before = stop
        self.fit()
        if lost_keys and wanted:
            self.chips[wanted[-1]].body.setFocus(Qt.FocusReason.OtherFocusReason)

    def fit(self) -> None:
        """As high as the chips are at this width."""
        self._flow.invalidate()
        needed = self._flow.heightForWidth(max(1, self.width()))
        most = min(grown(MOST_PX), round(self.window().height() * CHIPS_SHARE))
        self.setFixedHeight(min(most, needed))
        self._inside.setMinimumHeight(needed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def sizeHint(self) -> QSize:
        return QSize(100, self.minimumHeight())


class FileStrip(QWidget):
    """Hidden while there is nothing to show."""

    opened = Signal(object)  # a FilePart that a person wants to see
    left = Signal()  # nothing is left here that could have the keyboard

    def __init__(self, attachments: AttachmentsViewModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._files = attachments
        self._come = {attachment.key for attachment in attachments.attachments}
        self._announced: set[str] = set()
        self.chips = Chips(self)
        self.trouble = label("", "caption_danger", wrap=True)
        self.warning = label("", "caption_amber", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, space.xs)
        column.setSpacing(space.xs)
        words = QWidget()
        inner = QVBoxLayout(words)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(space.xs)
        inner.addWidget(self.trouble)
        inner.addWidget(self.warning)
        self._words = Yielding(words, self, share=WORDS_SHARE, least_px=WORDS_LEAST_PX, of_window=True)
        column.addWidget(self.chips)
        column.addWidget(self._words)
        attachments.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        shown = {attachment.key: attachment for attachment in self._files.attachments}
        self.chips.show_chips(shown, self._made)
        for key, attachment in shown.items():
            failed = attachment.problem is not None
            self.chips.chips[key].say(
                texts.detail(attachment),
                trouble=failed,
                ready=attachment.file is not None,
                tip=attachment.path,
            )
        self.chips.fit()
        self.chips.setVisible(bool(shown))
        lines = [texts.trouble(self._files.attachments)]
        if self._files.told is not None:
            lines.append(f"{sentence(self._files.told)} {hint(self._files.told)}".strip())
        self._say(self.trouble, "\n".join(line for line in lines if line))
        set_kind(self.trouble, "caption_danger" if lines[0] else "caption_amber")
        self._say(self.warning, texts.too_long(self._files.size))
        self._words.setVisible(bool(self.trouble.text() or self.warning.text()))
        self._words.fit()
        self._announce()
        focus = self.focusWidget()
        had = focus is not None and self.isAncestorOf(focus)
        self.setVisible(bool(shown) or bool(self.trouble.text()))
        if had and not shown:
            self.left.emit()

    def _announce(self) -> None:
        """For who cannot see it: what has come, and what is wrong."""
        come = {a.key: a.name for a in self._files.attachments if a.file is not None}
        words = _("{name} is attached")
        fresh = [words.format(name=name) for key, name in come.items() if key not in self._come]
        told = [*fresh, self.trouble.text(), self.warning.text()]
        said = ". ".join(one for one in told if one and one not in self._announced)
        self._come, self._announced = set(come), {self.trouble.text(), self.warning.text()}
        if said:
            tell(self, said)

    def _say(self, where: QWidget, words: str) -> None:
        where.setText(words)  # type: ignore[attr-defined]
        where.setVisible(bool(words))

    def _made(self, key: Hashable, parent: QWidget) -> Chip:
        attachment = next(a for a in self._files.attachments if a.key == key)
        chip = Chip(attachment.name, parent, pasted=not attachment.path)
        number = attachment.key
        chip.open_wanted.connect(lambda: self._open(number))
        chip.remove_wanted.connect(lambda: self._files.remove(number))
        chip.text_wanted.connect(lambda: self._files.into_text(number))
        return chip

    def _open(self, key: int) -> None:
        file = next((a.file for a in self._files.attachments if a.key == key), None)
        if file is not None:
            self.opened.emit(file)
