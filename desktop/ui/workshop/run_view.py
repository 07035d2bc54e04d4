"""A run before one's eyes: its phases, its curves, what it writes, and what can be done with it."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QTabBar, QVBoxLayout, QWidget

from desktop.core.types.training import RunInfo
from desktop.i18n import _, number
from desktop.ui.attachments.flow import FlowLayout
from desktop.ui.fitting_tabs import FittingTabs
from desktop.ui.models.parts import Card, flowing, progress, show_share
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import grow, set_kind, space
from desktop.ui.workshop import texts
from desktop.ui.workshop.branching import BranchForm
from desktop.ui.workshop.phases import PhaseStrip
from desktop.ui.workshop.plots import CurveView
from desktop.ui.workshop.results import ResultsCard
from desktop.ui.workshop.samples import SamplesCard
from desktop.view_models.workshop.curves import MEASURES, smoothed
from desktop.view_models.workshop.shop import WorkshopViewModel
from desktop.words import hint, sentence

CURVE_PX = 230
REDRAW_MS = 200  # a small model tells more often than an eye follows


class RunView(QWidget):
    """`again_wanted`: a new run by the same plan."""

    compare_wanted = Signal()
    inside_wanted = Signal()

    def __init__(self, shop: WorkshopViewModel) -> None:
        super().__init__()
        self._shop = shop
        self._runs = shop.runs
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.m)
        self.phases = PhaseStrip()
        column.addWidget(self.phases)
        column.addWidget(self._state_card())
        self.branching = BranchForm(shop.runs)
        self.branching.anew_wanted.connect(shop.again)
        column.addWidget(self.branching)
        curves = self._curves_card()
        column.addWidget(curves)
        self.samples = SamplesCard()
        column.addWidget(self.samples)
        self.results = ResultsCard(shop)
        column.addWidget(self.results)
        column.addWidget(self._facts_card())
        column.addStretch(1)
        self._parts = (self.phases, curves, self.samples, self.results, self.facts)
        self._prepared = 0.0
        self._redraw = QTimer(self, interval=REDRAW_MS, singleShot=True)
        self._redraw.timeout.connect(self._draw)
        self._runs.shown_changed.connect(self.refresh)
        self._runs.told.connect(self._told)
        self._runs.preparing.connect(self._show_preparing)
        self.refresh()

    # ── building ──

    def _state_card(self) -> QWidget:
        card = Card()
        card.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        card.column.setSpacing(space.s)
        self.said = flowing("", "")
        card.column.addWidget(self.said)
        self.bar = progress(_("How far the run is"))
        card.column.addWidget(self.bar)
        self.trouble = flowing("", "danger")
        card.column.addWidget(self.trouble)
        self.tiles = {name: _Tile(texts.measure_words(name)) for name in MEASURES}
        tiles = QWidget()
        tiles_flow = FlowLayout(tiles, space.l)
        for tile in self.tiles.values():
            tiles_flow.addWidget(tile)
        card.column.addWidget(tiles)
        self.chat = text_button(_("Chat with it"), "primary", self._runs.export)
        self.stop = text_button(_("Stop"), "", self._runs.stop)
        self.resume = text_button(_("Go on"), "", self._runs.resume)
        self.branch = text_button(_("Go on with other settings…"), "", self._toggle_branching)
        self.again = text_button(_("Once more, changed…"), "", self._shop.again)
        self.compare = text_button(_("Compare answers"), "", self.compare_wanted.emit)
        self.inside = text_button(_("A look inside"), "", self.inside_wanted.emit)
        box = QWidget()
        flow = FlowLayout(box, space.s)
        self._buttons = (
            self.chat,
            self.stop,
            self.resume,
            self.compare,
            self.inside,
            self.branch,
            self.again,
        )
        for button in self._buttons:
            flow.addWidget(button)
        card.column.addWidget(box)
        return card

    def _curves_card(self) -> QWidget:
        card = Card()
        card.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        card.column.setSpacing(space.s)
        head = QHBoxLayout()
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(_("Curves"))
        for name in MEASURES:
            self.tabs.addTab(texts.measure_words(name))
        self.tabs.currentChanged.connect(lambda _at: self._draw())
        head.addWidget(FittingTabs(self.tabs), 1)
        self.beside = text_button(_("Beside…"))
        self._menu = QMenu(self.beside)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.beside.setMenu(self._menu)
        head.addWidget(self.beside)
        card.column.addLayout(head)
        self.curves = CurveView()
        self.curves.setAccessibleName(_("Curves"))
        grow(self.curves, height=CURVE_PX)
        card.column.addWidget(self.curves)
        self.legend = flowing("", "caption")
        card.column.addWidget(self.legend)
        return card

    def _facts_card(self) -> QWidget:
        self.facts = label("", "caption", wrap=True)
        self.facts.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        return self.facts

    def _fill_menu(self) -> None:
        self._menu.clear()
        for run in self._runs.runs:
            if run.id == self._runs.shown or run.state == "damaged":
                continue
            action = self._menu.addAction(run.plan.name or texts.goal_words(run.plan.goal))
            action.setCheckable(True)
            action.setChecked(run.id in self._runs.compared)
            action.toggled.connect(lambda on, name=run.id: self._runs.compare(name, on))
        if self._menu.isEmpty():
            self._menu.addAction(_("There is no other run yet")).setEnabled(False)

    def focus_first(self) -> None:
        for button in (self.chat, self.resume, self.stop):
            if button.isVisibleTo(self) and button.isEnabled():
                button.setFocus()
                return

    def _toggle_branching(self) -> None:
        self.branching.open_for(self._runs.current)

    # ── what is shown ──

    def refresh(self) -> None:
        run = self._runs.current
        for part in self._parts:
            part.setVisible(run is not None)
        if run is None:
            self.said.setText(_("One moment…"))
            for button in self._buttons:
                button.hide()
            self.bar.hide()
            self.trouble.hide()
            return
        self.phases.show_phase(texts.phases(run.plan), texts.phase_of(run), running=run.running)
        self._show_state(run)
        self._show_buttons(run)
        self._show_tiles()
        track = self._runs.tracks.get(run.id)
        self.samples.show_samples(run, track.samples if track else [])
        self.results.show_run(run)
        self.facts.setText(_facts(run))
        self._draw()

    def _show_state(self, run: RunInfo) -> None:
        self.said.setText(_state_sentence(run, self._runs))
        self.bar.setVisible(run.running)
        if run.state == "preparing":
            show_share(self.bar, self._prepared or None)
        elif run.state == "measuring":
            show_share(self.bar, None)
        else:
            show_share(self.bar, run.step / max(1, run.plan.settings.steps))
        problem = run.problem
        self.trouble.setVisible(problem is not None)
        if problem is not None:
            self.trouble.setText(f"{sentence(problem)} {hint(problem)}")

    def _show_buttons(self, run: RunInfo) -> None:
        mine = self._runs.learning == run.id and self._runs.training
        free = not self._runs.training
        self.stop.setVisible(mine)
        self.chat.setVisible(run.chats)
        self.chat.setEnabled(not self._runs.busy)
        self.chat.setText(_("One moment…") if self._runs.busy == "export" else _("Chat with it"))
        set_kind(self.resume, "" if run.chats else "primary")
        self.resume.setVisible(run.can_resume and free)
        self.branch.setVisible(not run.running and run.step > 0 and free)
        self.again.setVisible(not run.running and run.state != "damaged")
        for button in (self.compare, self.inside):
            button.setVisible(run.step > 0 and not run.running)
        if run.running:
            self.branching.hide()

    def _show_preparing(self, done: float) -> None:
        self._prepared = done
        run = self._runs.current
        if run is not None and run.state == "preparing":
            show_share(self.bar, done)

    def _told(self, name: str) -> None:
        run = self._runs.current
        if run is None or name not in {run.id, *self._runs.compared}:
            return
        self._show_state(run)
        self._show_tiles()
        track = self._runs.tracks.get(run.id)
        if track is not None:
            self.samples.show_samples(run, track.samples)
        if not self._redraw.isActive():
            self._redraw.start()

    def _show_tiles(self) -> None:
        track = self._runs.tracks.get(self._runs.shown)
        last = track.last if track is not None else None
        shown = {"loss": "—", "rate": "—", "norm": "—", "tokens_per_s": "—"}
        if last is not None:
            shown = {
                "loss": number(last.loss, 3),
                "rate": number(last.rate, 5),
                "norm": number(last.norm, 2),
                "tokens_per_s": number(round(last.tokens_per_s)),
            }
        for name, tile in self.tiles.items():
            tile.show_value(shown[name])

    def _draw(self) -> None:
        if not self.isVisible():
            return
        measure = MEASURES[self.tabs.currentIndex()]
        curves: list[tuple[list[float], list[float], int, bool]] = []
        front = self._runs.current
        runs = [front] if front is not None else []
        runs += [run for run in self._runs.runs if run.id in self._runs.compared]
        known = [(colour, run) for colour, run in enumerate(runs) if run.id in self._runs.tracks]
        names = [run.plan.name or run.id for _colour, run in known]
        for colour, run in reversed(known):
            track = self._runs.tracks[run.id]
            xs = [float(event.step) for event in track.steps]
            ys = [float(getattr(event, measure)) for event in track.steps]
            if measure == "loss":
                if colour == 0:
                    curves.append((xs, ys, -1, False))
                curves.append((xs, smoothed(ys), colour, False))
                held = [(float(event.step), event.loss) for event in track.validated]
                curves.append(([x for x, _y in held], [y for _x, y in held], colour, True))
            else:
                curves.append((xs, ys, colour, False))
        self.curves.show_curves(curves)
        said = texts.measure_hint(measure)
        if len(names) > 1:
            said += " " + _("Full line: {name}. Dashed: {others}.").format(
                name=names[0], others=", ".join(names[1:])
            )
        self.legend.setText(said)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self.refresh()


class _Tile(QWidget):
    """A measure now."""

    def __init__(self, name: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.value = QLabel("—")
        set_kind(self.value, "title")
        column.addWidget(self.value)
        column.addWidget(label(name, "caption"))
        self._name = name

    def show_value(self, words: str) -> None:
        self.value.setText(words)
        self.value.setAccessibleName(f"{self._name}: {words}")


def _state_sentence(run: RunInfo, runs: object) -> str:
    name = run.plan.name or texts.goal_words(run.plan.goal)
    track = runs.tracks.get(run.id)  # type: ignore[attr-defined]
    last = track.last if track is not None else None
    match run.state:
        case "preparing":
            if run.plan.grown:
                return _("“{name}” reads its text and cuts it into tokens.").format(name=name)
            return _("“{name}” gets its examples ready.").format(name=name)
        case "training":
            if last is None and run.plan.goal == "answer" and not run.step:
                words = _(
                    "“{name}” first writes texts of its own, so that it does not forget what it knows while"
                    " it learns. It takes a minute or more."
                )
                return words.format(name=name)
            if last is None:
                return _("“{name}” takes its first steps.").format(name=name)
            words = _("“{name}” learns: step {step} of {steps}, about {left} left.")
            return words.format(
                name=name,
                step=number(last.step),
                steps=number(last.steps),
                left=texts.duration(last.remaining_s),
            )
        case "measuring":
            return _("“{name}” has taken its last step and is measured on what it held out.").format(
                name=name
            )
        case "finished":
            words = _("“{name}” has learnt: {steps} steps in {time}.")
            return words.format(name=name, steps=number(run.step), time=texts.duration(run.seconds))
        case "stopped":
            words = _("“{name}” was stopped at step {step}. It can go on from there.")
        case "interrupted":
            words = _("“{name}” was interrupted. It can go on from its last checkpoint.")
        case "failed":
            words = _("“{name}” could not go on.")
        case _:
            words = _("“{name}” cannot be read any more.")
    return words.format(name=name, step=number(run.step))


def _facts(run: RunInfo) -> str:
    """What a run is made of, for who wants to make it again."""
    settings, plan = run.plan.settings, run.plan
    parts = []
    if run.parameters:
        parts.append(
            _("{learning} of {count} parameters").format(
                learning=number(run.learning), count=number(run.parameters)
            )
        )
    if plan.grown:
        words = _("{layers} layers, {heads} heads, width {width}, context {context}")
        parts.append(
            words.format(layers=plan.layers, heads=plan.heads, width=plan.width, context=plan.context)
        )
    else:
        parts.append(_("builds on {base}").format(base=plan.base.rsplit("/", 1)[-1]))
    words = _("{batch} rows in a step, learning rate {rate}, seed {seed}")
    parts.append(words.format(batch=settings.batch, rate=number(settings.rate, 5), seed=settings.seed))
    if run.fingerprint:
        parts.append(_("data {mark}").format(mark=run.fingerprint[:12]))
    return " · ".join(parts)
