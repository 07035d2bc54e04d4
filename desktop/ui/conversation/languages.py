"""Lexers of languages, made on a thread: the first use of one costs 5 to 60 ms. Colours nothing."""

import threading
from typing import Final

from pygments.lexer import Lexer
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.ui.conversation.highlight import is_ready, lexer_of

_LOOK_MS: Final = 30


class Languages(QObject):
    """Those that a conversation met. `find` never waits: until a lexer is there, its code has no colours."""

    came = Signal()  # a language that was asked for is there

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._coming: set[str] = set()
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._looked)

    @property
    def busy(self) -> bool:
        """Some are on their way."""
        return bool(self._coming)

    def find(self, language: str) -> Lexer | None:
        """The lexer, or None while it is on its way and where there is none."""
        language = language.lower()
        if not language or is_ready(language):
            return lexer_of(language)
        if language not in self._coming:
            self._coming.add(language)
            # daemon: nothing is lost when the program ends meanwhile
            threading.Thread(target=lexer_of, args=(language,), name="lexer", daemon=True).start()
            self._look.start()
        return None

    def _looked(self) -> None:
        there = {language for language in self._coming if is_ready(language)}
        self._coming -= there
        if not self._coming:
            self._look.stop()
        if there:
            self.came.emit()
