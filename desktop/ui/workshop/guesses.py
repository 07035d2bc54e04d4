"""What a model made of texts and questions: a page of them at a time."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.i18n import _, number, percent
from desktop.ui.folding_row import FoldingRow
from desktop.ui.models.parts import flowing
from desktop.ui.pieces import text_button
from desktop.ui.theme import space
from engine.train.results import Guess

PAGE = 20
CHARACTERS = 600  # of a text: a mail may be long


class Guesses(QWidget):
    """Texts of one field of a confusion matrix, or questions with what was answered."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.s)
        self.head = flowing("", "caption")
        column.addWidget(self.head)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(space.s)
        column.addLayout(self._rows)
        self.more = text_button("", "link", self._show_more)
        row = FoldingRow()
        row.addWidget(self.more)
        row.addStretch(1)
        column.addLayout(row)
        self._lines: list[tuple[str, str]] = []  # words, and how they look
        self.hide()

    @property
    def shown(self) -> list[str]:
        """The words of each row that is seen."""
        return [words for words, _kind in self._lines[: self._rows.count()]]

    def show_texts(self, right: str, said: str, guesses: Sequence[Guess]) -> None:
        """Those that are `right` and were called `said`, the surest first."""
        found = sorted(
            (one for one in guesses if (one.right, one.said) == (right, said)), key=lambda one: -one.sure
        )
        head = (
            _("Is “{right}”, was called “{said}”:")
            if found
            else _("No text that is “{right}” was called “{said}”.")
        )
        words = _("{text}  ({sure} sure)")
        lines = [(words.format(text=_short(one.text), sure=percent(one.sure)), "") for one in found]
        self._show(head.format(right=right, said=said), lines)

    def show_answers(self, guesses: Sequence[Guess]) -> None:
        """Each question with what was answered; where that is not what it should be, what it should be."""
        lines = []
        for one in sorted(guesses, key=lambda one: one.sure):
            words = f"{_short(one.text)}\n→ {_short(one.said) or '—'}"
            if not one.sure:
                words += "\n" + _("It should say: {answer}").format(answer=_short(one.right))
            lines.append((words, "" if one.sure else "amber"))
        wrong = sum(not one.sure for one in guesses)
        head = (
            _("{wrong} of {count} answers do not say what they should; these come first.")
            if wrong
            else _("All {count} answers say what they should.")
        )
        self._show(head.format(wrong=number(wrong), count=number(len(guesses))), lines)

    def forget(self) -> None:
        self._show("", [])
        self.hide()

    def _show(self, head: str, lines: list[tuple[str, str]]) -> None:
        self.head.setText(head)
        while self._rows.count():
            item = self._rows.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        self._lines = lines
        self.show()
        self._show_more()

    def _show_more(self) -> None:
        at = self._rows.count()
        for words, kind in self._lines[at : at + PAGE]:
            self._rows.addWidget(flowing(words, kind))
        rest = len(self._lines) - self._rows.count()
        self.more.setVisible(rest > 0)
        self.more.setText(_("Show {count} more").format(count=number(min(PAGE, rest))))


def _short(text: str) -> str:
    return text if len(text) <= CHARACTERS else text[:CHARACTERS] + "…"
