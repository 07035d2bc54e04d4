"""What lies in the library's trash: each with a way back, and a way to be rid of all of it."""

from collections.abc import Callable
from functools import partial
from pathlib import PurePath

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.i18n import _, date_and_time, ngettext, number
from desktop.ui.documents.elided import ElidedLabel, plain_tip
from desktop.ui.documents.texts import collection_name
from desktop.ui.pieces import icon_button, icon_label, label, text_button
from desktop.ui.theme import grow, layout, set_kind, space
from desktop.ui.yielding import Scrolling
from desktop.view_models.library_keeping import LibraryKeepingViewModel

MOST_ROWS = 200  # a longer trash is told, and emptied or restored in parts


class TrashList(QWidget):
    def __init__(self, keeping: LibraryKeepingViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keeping = keeping
        self._rows = QWidget()
        self._column = QVBoxLayout(self._rows)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(space.xs)
        area = Scrolling(self._rows)
        content = QWidget()
        grow(content, most_width=layout.conversation_px)
        self.empty_button = text_button(_("Empty the trash"), "", keeping.empty_trash)
        said = label(
            _("What is here takes part in no answer. After a while it goes by itself."), "muted", wrap=True
        )
        inside = QVBoxLayout(content)
        inside.setContentsMargins(space.l, space.m, space.l, space.l)
        inside.setSpacing(space.m)
        inside.addWidget(said)
        inside.addWidget(area, 1)
        inside.addWidget(self.empty_button, 0, Qt.AlignmentFlag.AlignLeft)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addStretch(1)
        outer.addWidget(content, 1000)
        outer.addStretch(1)
        keeping.removed_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        removed = self._keeping.removed
        for one in removed.collections:
            told = ngettext("{count} document", "{count} documents", one.documents)
            detail = f"{told.format(count=number(one.documents))} · {date_and_time(one.removed_at)}"
            back = partial(self._keeping.restore_collection, one.number)
            self._add("folder", one.name, detail, "", back)
        for info in removed.documents[:MOST_ROWS]:
            detail = f"{collection_name(info.collection)} · {date_and_time(info.removed_at)}"
            name = PurePath(info.file).name
            self._add("page", name, detail, info.file, partial(self._keeping.restore, info.document))
        left = len(removed.documents) - MOST_ROWS
        if left > 0:
            more = ngettext("and {count} more", "and {count} more", left)
            self._column.addWidget(label(more.format(count=number(left)), "caption"))
        self._column.addStretch(1)

    def _add(self, sign: str, name: str, detail: str, tip: str, back: Callable[[], object]) -> None:
        row = QFrame()
        set_kind(row, "card")
        shown = ElidedLabel(row)
        shown.setText(name)
        if tip:
            shown.setToolTip(plain_tip(tip))
        said = label(detail, "caption")
        button = icon_button("restore", _("Restore {name}").format(name=name), back)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(shown)
        words.addWidget(said)
        line = QHBoxLayout(row)
        line.setContentsMargins(space.m, space.xs, space.xs, space.xs)
        line.setSpacing(space.s)
        line.addWidget(icon_label(sign, "muted", 18))
        line.addLayout(words, 1)
        line.addWidget(button)
        self._column.addWidget(row)
