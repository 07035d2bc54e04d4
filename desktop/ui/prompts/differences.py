"""How two versions differ, as text to read: what was added is underlined, what was removed is struck out.

Not by colour alone, for those who see none. Computes no difference.
"""

from PySide6.QtGui import QBrush, QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit

from desktop.core.types.prompts import PartChange, WordChange
from desktop.i18n import _
from desktop.ui.prompts.texts import part_of
from desktop.ui.theme import current_theme, mixed


class Differences(QTextEdit):
    """Read alone. `show_changes(())` says that nothing differs."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setAccessibleName(_("What differs"))
        self._changes: tuple[PartChange, ...] = ()

    def show_changes(self, changes: tuple[PartChange, ...]) -> None:
        self._changes = changes
        self.clear()
        cursor = self.textCursor()
        if not changes:
            cursor.insertText(_("Nothing differs from what stands in the editor."), self._plain(muted=True))
        for place, change in enumerate(changes):
            if place:
                cursor.insertText("\n\n", self._plain())
            cursor.insertText(part_of(change) + "\n", self._plain(muted=True))
            for word in change.words:
                self._insert(cursor, word)
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _insert(self, cursor: QTextCursor, word: WordChange) -> None:
        theme = current_theme()
        shape = self._plain()
        if word.kind == "added":
            shape.setForeground(QBrush(QColor(theme.sage)))
            shape.setBackground(QBrush(QColor(mixed(theme.sage, theme.raised, 0.14))))
            shape.setFontUnderline(True)
        elif word.kind == "removed":
            shape.setForeground(QBrush(QColor(theme.danger)))
            shape.setBackground(QBrush(QColor(mixed(theme.danger, theme.raised, 0.12))))
            shape.setFontStrikeOut(True)
        # a line end that came or went can be seen
        text = word.text if word.kind == "same" else word.text.replace("\n", "↵\n")
        cursor.insertText(text, shape)

    def _plain(self, *, muted: bool = False) -> QTextCharFormat:
        theme = current_theme()
        shape = QTextCharFormat()
        shape.setForeground(QBrush(QColor(theme.muted if muted else theme.text)))
        return shape
