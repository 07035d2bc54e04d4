"""The page "Workshop", in the place of the conversation: its places one at a time. Paints and forwards."""

import importlib

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.core.types.training import TrainingPlan
from desktop.i18n import _
from desktop.ui.pieces import icon_button, label
from desktop.ui.scrolled import ScrollingColumn
from desktop.ui.stack import Stack
from desktop.ui.theme import grow, layout, space
from desktop.ui.workshop import texts
from desktop.ui.workshop.home import Home
from desktop.ui.workshop.notice import Notice
from desktop.view_models.session import Session
from desktop.view_models.workshop.presets import PRESETS

TYPE_CHECKING = False
if TYPE_CHECKING:  # made when it is first shown
    from desktop.ui.workshop.compare_view import CompareView
    from desktop.ui.workshop.inside.view import InsideView
    from desktop.ui.workshop.plan_view import PlanView
    from desktop.ui.workshop.run_view import RunView


WIDER_PX = 120  # than the conversation: curves want room
BRING_MS = 40
# in an order in which each brings little that those before did not
LATER = (
    "fields", "balance", "rows_table", "data_card", "plan_view",
    "phases", "samples", "plots", "confusion", "guesses", "scores", "results", "branching", "run_view",
    "compare_view", "inside.bars", "inside.heat", "inside.map", "inside.panels", "inside.view",
)  # fmt: skip


class WorkshopPage(QWidget):
    """`closed` asks for the conversation back."""

    closed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shop = session.workshop
        self.setAccessibleName(_("Workshop"))
        self.back = icon_button("chevron_left", _("Back"), self._back)
        self.title = label(_("Workshop"), "heading")
        self.notice = Notice(self._shop)
        self.home = Home(self._shop)
        self._looked_at = ""  # the run that one came from
        self.home.inside_wanted.connect(lambda: self._look_inside(""))
        self.home.own_text_wanted.connect(lambda: self._own(TrainingPlan(goal="write")))
        self.home.own_rows_wanted.connect(lambda: self._own(PRESETS["notes"]))
        self._stack = Stack()
        at_home = _column(self.home)
        self._stack.addWidget(at_home)
        self.plan_view: PlanView | None = None
        self.run_view: RunView | None = None
        self.compare_view: CompareView | None = None
        self.inside_view: InsideView | None = None
        self._places: dict[str, ScrollingColumn] = {"home": at_home}
        head = QHBoxLayout()
        head.setContentsMargins(space.l, space.s, space.l, space.m)
        head.setSpacing(space.s)
        head.addWidget(self.back)
        head.addWidget(self.title, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.notice)
        column.addWidget(self._stack, 1)
        self._bringing = QTimer(self, interval=BRING_MS)
        self._bringing.timeout.connect(self._bring)
        self._waiting = list(LATER)
        self._bringing.start()
        self._shop.place_changed.connect(self._show_place)
        self._shop.chatting.connect(self.closed)
        self._shop.runs.shown_changed.connect(self._show_title)
        self._shop.runs.refresh()
        self._shop.plan.find_bases()
        self._show_place()

    def _bring(self) -> None:
        """Bring in a module while nobody waits for it: one in a turn, so that none is long."""
        if not self._waiting:
            self._bringing.stop()
            return
        importlib.import_module(f"desktop.ui.workshop.{self._waiting.pop(0)}")

    def _own(self, plan: TrainingPlan) -> None:
        """A plan without any text yet: what it learns from is asked for first."""
        from desktop.ui.file_dialogs import Mode, ask_for_files

        def chosen(paths: list[str]) -> None:
            if paths:
                from msgspec.structs import replace

                self._shop.plan.take(replace(plan, inputs=tuple(paths), name=_("My model")))
                self._shop.go("plan")

        if plan.grown:
            kinds = [_("Texts") + " (*.txt *.md)", _("All files (*)")]
            ask_for_files(self, _("Learn from"), chosen, Mode.ExistingFiles, kinds)
        else:
            kinds = [_("Examples") + " (*.csv *.tsv *.json *.jsonl)", _("All files (*)")]
            ask_for_files(self, _("Learn from"), chosen, Mode.ExistingFile, kinds)

    # ── places ──

    def _look_inside(self, model: str) -> None:
        """ "": whichever model there is."""
        self._looked_at = model
        self._shop.go("inside")

    def _show_place(self) -> None:
        place = self._shop.place
        if place not in self._places:
            self._places[place] = self._made(place)
            self._stack.addWidget(self._places[place])
        if place == "compare" and self.compare_view is not None:
            self.compare_view.open_for(self._shop.runs.current)
        if place == "inside" and self.inside_view is not None:
            self.inside_view.open_for(self._looked_at)
        shown = self._places[place]
        self._stack.setCurrentWidget(shown)
        shown.verticalScrollBar().setValue(0)
        self.back.setToolTip(_("Back to the chat") if place == "home" else _("Back"))
        self.back.setAccessibleName(self.back.toolTip())
        self._show_title()
        if self.isVisible():
            self.focus_first()

    def _made(self, place: str) -> ScrollingColumn:
        from desktop.ui.workshop.compare_view import CompareView
        from desktop.ui.workshop.inside.view import InsideView
        from desktop.ui.workshop.plan_view import PlanView
        from desktop.ui.workshop.run_view import RunView

        match place:
            case "plan":
                self.plan_view = PlanView(self._shop.plan)
                self.plan_view.begin_wanted.connect(self._shop.begin)
                return _column(self.plan_view)
            case "inside":
                self.inside_view = InsideView(self._shop)
                return _column(self.inside_view)
            case "compare":
                self.compare_view = CompareView(self._shop)
                return _column(self.compare_view)
            case _:
                self.run_view = RunView(self._shop)
                self.run_view.compare_wanted.connect(lambda: self._shop.go("compare"))
                self.run_view.inside_wanted.connect(lambda: self._look_inside(self._shop.runs.shown))
                return _column(self.run_view)

    def _show_title(self) -> None:
        run = self._shop.runs.current
        name = run.plan.name or texts.goal_words(run.plan.goal) if run is not None else ""
        words = {
            "home": _("Workshop"),
            "plan": self._shop.plan.plan.name or _("A new run"),
            "run": name,
            "compare": _("Compare answers"),
            "inside": _("A look inside"),
        }
        self.title.setText(words.get(self._shop.place, _("Workshop")))

    def focus_first(self) -> None:
        match self._shop.place:
            case "home":
                self.home.cards[0].button.setFocus()
            case "plan" if self.plan_view is not None:
                self.plan_view.begin.setFocus()
            case "compare" if self.compare_view is not None:
                self.compare_view.focus_first()
            case "inside" if self.inside_view is not None:
                self.inside_view.focus_first()
            case _:
                if self.run_view is not None:
                    self.run_view.focus_first()

    def _back(self) -> None:
        match self._shop.place:
            case "home":
                self.closed.emit()
            case "compare":
                self._shop.go("run")
            case "inside" if self._looked_at:
                self._shop.go("run")
            case _:
                self._shop.go("home")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._back()
        else:
            super().keyPressEvent(event)


def _column(inner: QWidget) -> ScrollingColumn:
    """A place of the page: a little wider than a conversation."""
    grow(inner, most_width=layout.conversation_px + WIDER_PX)
    return ScrollingColumn(inner, space.l, space.xl)
