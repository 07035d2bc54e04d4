"""Buttons and boxes whose words take as many lines as they need. They know no view."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QPushButton, QRadioButton, QSizePolicy, QWidget

TYPE_CHECKING = False
if TYPE_CHECKING:
    _Button = QAbstractButton
else:
    _Button = object  # beside a class of Qt's stands none but a plain one


def broken(words: str, metrics: QFontMetrics, width_px: int, between: str = " ") -> list[str]:
    """The lines of `words` at this width; a word that is longer has a line of its own. `between`: what parts
    the words, and is left out where a line ends."""
    lines: list[str] = []
    for word in filter(None, words.split(between)):
        longer = f"{lines[-1]}{between}{word}" if lines else word
        if lines and metrics.horizontalAdvance(longer) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


class _Flowing(_Button):
    """Stands before one of Qt's buttons, whose `text` then has the line endings of the present width."""

    words = ""
    _lines: tuple[str, ...] = ()

    def set_words(self, words: str) -> None:
        self.words = words
        self.setAccessibleName(words)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._show([words])
        self._break()
        self.updateGeometry()

    def _show(self, lines: list[str]) -> None:
        self._lines = tuple(lines)
        self.setText("\n".join(lines).replace("&", "&&"))

    def _widest(self, lines: Sequence[str]) -> int:
        return max((self.fontMetrics().horizontalAdvance(line) for line in lines), default=0)

    def _around(self) -> int:
        """What stands beside the words, and the pixel that measuring rounds away."""
        return super().sizeHint().width() - self._widest(self._lines) + 1

    def sizeHint(self) -> QSize:
        return QSize(self._around() + self._widest([self.words]), self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._around() + self._widest(self.words.split()), super().sizeHint().height())

    def heightForWidth(self, width: int) -> int:
        more = len(broken(self.words, self.fontMetrics(), width - self._around())) - len(self._lines)
        return super().sizeHint().height() + more * self.fontMetrics().lineSpacing()

    def _break(self) -> None:
        lines = broken(self.words, self.fontMetrics(), self.width() - self._around())
        if tuple(lines) != self._lines:
            self._show(lines)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._break()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._break()


class FlowingButton(_Flowing, QPushButton):
    """Say other words with `set_words`."""

    def __init__(self, words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoDefault(False)
        self.set_words(words)


class FlowingCheck(_Flowing, QCheckBox):
    """A box to be checked."""

    def __init__(self, words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_words(words)


class FlowingRadio(_Flowing, QRadioButton):
    """One of several to choose from."""

    def __init__(self, words: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_words(words)
