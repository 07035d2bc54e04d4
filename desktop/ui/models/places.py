"""What stands between the cards: a heading for each group, and the page's empty state."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.core.types.models import Source
from desktop.i18n import _
from desktop.ui.models import texts
from desktop.ui.models.parts import flowing
from desktop.ui.pieces import icon_label, label, text_button
from desktop.ui.theme import grow, space

WORDS_PX = 380


class GroupHead(QWidget):
    """Whose the models below are."""

    def __init__(self, source: Source | None) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, space.m, 0, 0)
        column.setSpacing(0)
        column.addWidget(label(texts.group_title(source), "section"))
        note = texts.group_note(source)
        if note:
            column.addWidget(flowing(note, "caption"))


class Empty(QWidget):
    """One sentence and one button; a quiet second way."""

    def __init__(self, query: str, *, looking: bool) -> None:
        super().__init__()
        self.sign = icon_label("models", "accent", 40)
        self.heading = label("", "heading")
        self.words = flowing(kind="muted")
        self.add = text_button(_("Add a file…"), "primary")
        self.download = text_button(_("or download one"), "link")
        self.heading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.l, space.xxl, space.l, space.xl)
        column.setSpacing(space.m)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(self.sign, 0, centre)
        column.addWidget(self.heading, 0, centre)
        across = QHBoxLayout()  # its lines end in the middle of the sentence, not before its last word
        across.addStretch(1)
        grow(self.words, most_width=WORDS_PX)
        across.addWidget(self.words, 4)
        across.addStretch(1)
        column.addLayout(across)
        column.addSpacing(space.xs)
        column.addWidget(self.add, 0, centre)
        column.addWidget(self.download, 0, centre)
        self.add.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        found_nothing = bool(query) and not looking
        if looking:
            self.heading.setText(_("Looking for models"))
        elif found_nothing:
            self.heading.setText(_("No model matches “{query}”").format(query=query.strip()))
        else:
            self.heading.setText(_("No model yet"))
            self.words.setText(
                _("A model is one file that ends in .gguf. Drop one here, and see how it would run.")
            )
        for widget in (self.words, self.add, self.download):
            widget.setVisible(not looking and not found_nothing)
