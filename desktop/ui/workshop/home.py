"""Where one comes into the workshop: what can be begun with one click, and the runs that are kept."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from desktop.core.types.training import RunInfo
from desktop.i18n import _, date_and_time, language
from desktop.ui.asked_name import ask_for_name
from desktop.ui.folding_row import FoldingRow
from desktop.ui.models.parts import Card, flowing, strong
from desktop.ui.pieces import icon_button, icon_label, label, text_button
from desktop.ui.theme import grown, space
from desktop.ui.workshop import texts
from desktop.view_models.workshop.shop import WorkshopViewModel

TWO_FIT_PX = 600


class Home(QWidget):
    """`own_text_wanted`: a person's own files are to be learnt from."""

    own_text_wanted = Signal()
    own_rows_wanted = Signal()
    inside_wanted = Signal()

    def __init__(self, shop: WorkshopViewModel) -> None:
        super().__init__()
        self._shop = shop
        self.cards = [PresetCard(key, self._begin) for key in texts.PRESET_KEYS]
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(space.m)
        self._columns = 0
        self.own_text = text_button(_("A text of your own…"), "", self.own_text_wanted.emit)
        self.own_rows = text_button(_("Examples of your own…"), "", self.own_rows_wanted.emit)
        own = FoldingRow()
        own.setSpacing(space.s)
        own.addWidget(self.own_text)
        own.addWidget(self.own_rows)
        self.inside = text_button(_("A look inside"), "", self.inside_wanted.emit)
        own.addWidget(self.inside)
        own.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.m)
        column.addWidget(
            label(
                _("Watch a model come into being on this computer, then talk to it and look inside."),
                "muted",
                wrap=True,
            )
        )
        column.addLayout(self._grid)
        column.addLayout(own)
        self._heading = label(_("Your runs"), "section")
        self._heading.setContentsMargins(0, space.m, 0, 0)
        column.addWidget(self._heading)
        self._list = QVBoxLayout()
        self._list.setSpacing(space.s)
        column.addLayout(self._list)
        column.addStretch(1)
        self.rows: list[RunRow] = []
        self._arrange(2)
        shop.runs.listed.connect(self.refresh)
        self.refresh()

    def _begin(self, key: str) -> None:
        self._shop.take_preset(key, language(), texts.preset_name(key))

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._arrange(2 if self.width() >= grown(TWO_FIT_PX) else 1)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for at, card in enumerate(self.cards):
            self._grid.addWidget(card, at // columns, at % columns)
        for at in range(2):
            self._grid.setColumnStretch(at, 1 if at < columns else 0)

    def refresh(self) -> None:
        runs = self._shop.runs.runs
        self._heading.setVisible(bool(runs))
        if [row.run for row in self.rows] == [run.id for run in runs]:
            for row, run in zip(self.rows, runs, strict=True):
                row.show_run(run)
            return
        focused = next((row.run for row in self.rows if row.hasFocus()), "")
        for row in self.rows:
            row.setParent(None)
            row.deleteLater()
        self.rows = [RunRow(run, self._shop) for run in runs]
        for row in self.rows:
            self._list.addWidget(row)
            if row.run == focused:
                row.setFocus()


class PresetCard(Card):
    """What it teaches, how long it takes, and a button."""

    def __init__(self, key: str, begin: Callable[[str], None]) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its button has it
        told = texts.preset_words(key)
        head = QHBoxLayout()
        head.setSpacing(space.s)
        head.addWidget(icon_label(told.icon, "accent"), 0, Qt.AlignmentFlag.AlignTop)
        title = flowing(told.title)
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        head.addWidget(title, 1)
        self.column.addLayout(head)
        self.column.addWidget(flowing(told.what, "muted"))
        self.column.addStretch(1)
        self.column.addSpacing(space.s)
        self.button = text_button(_("Try it"), "", lambda: begin(key))
        self.button.setAccessibleName(_("Try it") + f": {told.title}")
        self.column.addWidget(flowing(told.time, "caption"))
        self.column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)


class RunRow(Card):
    """A run that is kept: what it is, how far it came, and what can be done with it. Enter opens it."""

    def __init__(self, run: RunInfo, shop: WorkshopViewModel) -> None:
        super().__init__()
        self._shop = shop
        self.run = run.id
        self.column.setContentsMargins(space.m, space.s, space.s, space.s)
        row = QHBoxLayout()
        row.setSpacing(space.s)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.name = strong()
        self.summary = label("", "caption", wrap=True)
        words.addWidget(self.name)
        words.addWidget(self.summary)
        row.addLayout(words, 1)
        self.open = text_button(_("Open"), "", lambda: shop.open_run(self.run))
        row.addWidget(self.open)
        self.more = icon_button("more", _("More"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        self.rename_action = menu.addAction(_("Rename…"))
        self.rename_action.triggered.connect(self._rename)
        self.delete_action = menu.addAction(_("Move to the trash"))
        self.delete_action.triggered.connect(lambda: shop.runs.delete(self.run))
        self.more.setMenu(menu)
        row.addWidget(self.more)
        self.column.addLayout(row)
        self.show_run(run)

    def show_run(self, run: RunInfo) -> None:
        self._shown = run
        name = run.plan.name or texts.goal_words(run.plan.goal)
        self.name.set_text(name)
        when = f"{date_and_time(run.created)} · " if run.created else ""
        self.summary.setText(when + texts.run_summary(run))
        self.open.setEnabled(run.state != "damaged")
        self.open.setAccessibleName(_("Open") + f": {name}")
        self.more.setAccessibleName(_("More") + f": {name}")
        self.rename_action.setEnabled(run.state != "damaged" and not run.running)
        self.delete_action.setEnabled(not run.running)
        self.setAccessibleName(f"{name}, {texts.run_summary(run)}")

    def _rename(self) -> None:

        shop, run, name = self._shop, self.run, self._shown.plan.name
        rename = _("Rename")
        ask_for_name(self, rename, _("Name"), rename, lambda new: shop.runs.rename(run, new), name)

    def keyPressEvent(self, event: object) -> None:
        key = event.key()  # type: ignore[attr-defined]
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.open.isEnabled():
            self._shop.open_run(self.run)
        elif key == Qt.Key.Key_Delete and self.delete_action.isEnabled():
            self._shop.runs.delete(self.run)
        else:
            super().keyPressEvent(event)  # type: ignore[arg-type]
