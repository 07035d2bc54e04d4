"""Examples of a prompt, edited as turns: what is asked, and what is answered. Stores nothing."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.core.types.prompts import Example
from desktop.i18n import _, number
from desktop.ui.pieces import icon_button, label, put_icon, text_button
from desktop.ui.prompts.growing_text import GrowingText
from desktop.ui.theme import set_kind, space


class ExamplesEditor(QWidget):
    """`changed` after a person wrote; never from `show_examples`."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[_Turns] = []
        self._editable = True
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.s)
        self._list = QVBoxLayout()
        self._list.setSpacing(space.s)
        column.addLayout(self._list)
        self.add = text_button(_("Add an example"), "quiet", self._add)
        put_icon(self.add, "plus", "muted")
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addStretch(1)
        column.addLayout(row)

    @property
    def examples(self) -> tuple[Example, ...]:
        return tuple(row.example for row in self._rows)

    def show_examples(self, examples: tuple[Example, ...], *, editable: bool = True) -> None:
        self._editable = editable
        self.add.setVisible(editable)
        while len(self._rows) > len(examples):
            self._drop(self._rows[-1])
        for index, example in enumerate(examples):
            if index == len(self._rows):
                self._append()
            self._rows[index].show_example(example, editable=editable)

    def _add(self) -> None:
        row = self._append()
        row.show_example(Example("", ""), editable=True)
        row.question.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _append(self) -> "_Turns":
        row = _Turns(len(self._rows) + 1)
        row.changed.connect(self.changed)
        row.removed.connect(lambda: self._remove(row))
        self._rows.append(row)
        self._list.addWidget(row)
        return row

    def _remove(self, row: "_Turns") -> None:
        self._drop(row)
        self.add.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _drop(self, row: "_Turns") -> None:
        self._rows.remove(row)
        self._list.removeWidget(row)
        row.hide()
        row.deleteLater()
        for place, left in enumerate(self._rows, start=1):
            left.count(place)


class _Turns(QWidget):
    """A question in a card as a person's turns have one, the reply below it."""

    changed = Signal()
    removed = Signal()

    def __init__(self, place: int) -> None:
        super().__init__()
        set_kind(self, "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.m, space.s, space.xs, space.m)
        column.setSpacing(space.xs)
        head = QHBoxLayout()
        self._title = label("", "section")
        head.addWidget(self._title, 1)
        self.remove = icon_button("close", "", self.removed.emit)
        head.addWidget(self.remove)
        column.addLayout(head)
        self.question = GrowingText("", _("What is asked"), least=1, most=8)
        self.reply = GrowingText("", _("What is answered"), least=1, most=8)
        for field in (self.question, self.reply):
            row = QHBoxLayout()
            row.setContentsMargins(0, 0, space.s, 0)
            row.addWidget(field)
            column.addLayout(row)
            field.textChanged.connect(self.changed)
        self.count(place)

    @property
    def example(self) -> Example:
        return Example(self.question.toPlainText(), self.reply.toPlainText())

    def count(self, place: int) -> None:
        words = _("Example {number}").format(number=number(place))
        self._title.setText(words)
        self.question.setAccessibleName(_("Example {number}, what is asked").format(number=number(place)))
        self.reply.setAccessibleName(_("Example {number}, what is answered").format(number=number(place)))
        self.remove.setToolTip(_("Take this example away"))
        self.remove.setAccessibleName(f"{words}: {self.remove.toolTip()}")

    def show_example(self, example: Example, *, editable: bool) -> None:
        for field, text in ((self.question, example.question), (self.reply, example.reply)):
            field.blockSignals(True)
            field.show_text(text)
            field.blockSignals(False)
            field.setReadOnly(not editable)
        self.remove.setVisible(editable)
