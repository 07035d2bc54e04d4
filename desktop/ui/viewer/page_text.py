"""The stored text of a page with the passage marked: for formats without pages, and when a file is gone."""

from typing import Final

from PySide6.QtGui import QColor, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QTextEdit, QWidget

from desktop.ui.theme import code_font, current_theme, interface_font, space, type_size

_MIN_SCALE: Final = 0.6
_MAX_SCALE: Final = 3.0


class PageText(QTextEdit):
    """Read only. What is selected by hand can be copied; the passage is marked beneath."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFrameShape(QTextEdit.Shape.NoFrame)
        self.setProperty("kind", "plain")
        self.viewport().setProperty("kind", "ground")
        self.document().setDocumentMargin(space.xl)
        self._shown: tuple[str, tuple[int, int] | None] | None = None

    def show_text(self, text: str, span: tuple[int, int] | None) -> None:
        """`span`: what to mark, in characters of `text`."""
        if self._shown is None or self._shown[0] != text:
            self.setPlainText(_plain(text))
            everything = QTextCursor(self.document())
            everything.select(QTextCursor.SelectionType.Document)
            lines = QTextBlockFormat()
            lines.setLineHeight(
                type_size.reply_line_height * 100, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
            )
            everything.mergeBlockFormat(lines)
        self._shown = (text, span)
        self._mark()

    def set_look(self, scale: float, *, code: bool) -> None:
        """Letters grow and shrink with the viewer's zoom. Code stands in columns, its lines unbroken."""
        scale = max(_MIN_SCALE, min(scale, _MAX_SCALE))
        size = type_size.reply * scale
        font = code_font(size * type_size.code_scale) if code else interface_font(size)
        if font != self.document().defaultFont():
            self.document().setDefaultFont(font)
        wrap = QTextEdit.LineWrapMode.NoWrap if code else QTextEdit.LineWrapMode.WidgetWidth
        if wrap != self.lineWrapMode():
            self.setLineWrapMode(wrap)

    def reveal(self) -> None:
        """Scroll so that the passage begins in the upper part; without one to the top."""
        cursor = self._passage()
        bar = self.verticalScrollBar()
        if cursor is None:
            bar.setValue(0)
            return
        cursor.setPosition(cursor.selectionStart())
        top = self.cursorRect(cursor).top() + bar.value()
        bar.setValue(max(0, top - self.viewport().height() // 4))

    def passage_text(self) -> str:
        """The words that are marked, as they are shown."""
        cursor = self._passage()
        return "" if cursor is None else cursor.selection().toPlainText()

    def _passage(self) -> QTextCursor | None:
        if self._shown is None:
            return None
        text, span = self._shown
        if span is None:
            return None
        cursor = QTextCursor(self.document())
        last = max(0, self.document().characterCount() - 1)
        cursor.setPosition(min(last, _qt_length(text[: span[0]])))
        cursor.setPosition(min(last, _qt_length(text[: span[1]])), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _mark(self) -> None:
        cursor = self._passage()
        if cursor is None:
            self.setExtraSelections([])
            return
        theme = current_theme()
        look = QTextCharFormat()
        look.setBackground(QColor(theme.select))
        look.setForeground(QColor(theme.text))
        look.setProperty(QTextFormat.Property.FullWidthSelection, False)
        selection = QTextEdit.ExtraSelection()
        selection.cursor, selection.format = cursor, look
        self.setExtraSelections([selection])

    def mark_anew(self) -> None:
        """After a change of theme."""
        self._mark()


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _qt_length(text: str) -> int:
    """Qt counts in UTF-16 units, spans count in characters."""
    return len(_plain(text).encode("utf-16-le", "surrogatepass")) // 2
