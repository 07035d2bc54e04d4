"""The workshop as a whole: where one is in it, and the way out of it into the chat. No widgets, no words."""

from functools import partial
from typing import Literal

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.types import Problem
from desktop.core.types.models import ModelChoice
from desktop.core.types.training import Answered, ExportedRun, RunMeasure
from desktop.view_models.bridge import follow
from desktop.view_models.conversation import ConversationViewModel
from desktop.view_models.models import ModelsViewModel
from desktop.view_models.workshop.inside import InsideViewModel
from desktop.view_models.workshop.plan import PlanViewModel
from desktop.view_models.workshop.runs import RunsViewModel
from engine.template_texts import COMPLETION

Place = Literal["home", "plan", "run", "compare", "inside"]


class WorkshopViewModel(QObject):
    """One for the window."""

    place_changed = Signal()  # `place`
    chatting = Signal()  # the model is on its way into the chat: show it
    answers_changed = Signal()  # `answers`, `asking`
    scores_changed = Signal()  # `scores`, `scoring`
    problem_changed = Signal()  # `problem`

    def __init__(
        self,
        core: Core,
        models: ModelsViewModel,
        conversation: ConversationViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._core = core
        self._models = models
        self._conversation = conversation
        self.runs = RunsViewModel(core, self)
        self.plan = PlanViewModel(core, self)
        self.inside = InsideViewModel(core, self)
        self.place: Place = "home"
        self.problem: Problem | None = None
        self.answers: dict[str, Answered] = {}
        self.asking = False
        self.scores: dict[str, RunMeasure | Problem] = {}  # of models, by the same file
        self.scoring = ""  # the model that is being measured
        self.runs.failed.connect(self.tell)
        self.plan.failed.connect(self.tell)
        self.runs.exported.connect(self._chat)

    def go(self, place: Place) -> None:
        self.forget_problem()
        self.place = place
        self.place_changed.emit()

    def tell(self, problem: Problem) -> None:
        self.problem = problem
        self.problem_changed.emit()

    def forget_problem(self) -> None:
        if self.problem is not None:
            self.problem = None
            self.problem_changed.emit()

    # ── the way in ──

    def take_preset(self, key: str, language: str, name: str) -> None:
        self.plan.take_preset(key, language, name)
        self.go("plan")

    def begin(self) -> None:
        """Train what is planned, and show it."""
        self.runs.show("")
        self.runs.begin(self.plan.plan)
        self.go("run")

    def open_run(self, run: str) -> None:
        self.runs.show(run)
        self.go("run")

    def again(self) -> None:
        """A new run by the plan of the one in front, which may be changed first."""
        run = self.runs.current
        if run is not None:
            self.plan.take(run.plan)
            self.go("plan")

    # ── the same prompts to several models ──

    def ask(self, models: tuple[str, ...], prompts: tuple[str, ...]) -> None:
        """Runs by their ids, models by their files. `answers` grows by model."""
        self.answers, self.asking = {}, True
        self.forget_problem()
        self.answers_changed.emit()

        def came(answered: Answered) -> None:
            self.answers[answered.model] = answered
            self.answers_changed.emit()

        def ended(problem: Problem | None) -> None:
            self.asking = False
            self.answers_changed.emit()
            if problem is not None and problem.code != "cancelled":
                self.tell(problem)

        def all_came(answers: tuple[Answered, ...]) -> None:
            self.answers = {one.model: one for one in answers}
            ended(None)

        follow(
            self._core.ask_models(models, prompts), self, on_event=came, on_result=all_came, on_error=ended
        )

    # ── the same measure for several models ──

    def recall(self, models: tuple[str, ...]) -> None:
        """What was measured of runs on what they held out. `scores` grows by model."""
        self.scores = {}
        self.scores_changed.emit()
        for model in models:
            if self.runs.run(model) is not None:
                operation = self._core.run_measures(model)
                take = partial(self._recalled, model)
                follow(operation, self, on_result=take, on_error=lambda _: None)

    def _recalled(self, model: str, measures: tuple[RunMeasure, ...]) -> None:
        found = next((one for one in measures if not one.path), None)
        if found is not None and not self.scoring:
            self.scores[model] = found
            self.scores_changed.emit()

    def score(self, models: tuple[str, ...], path: str) -> None:
        """Measure each on a file, one after the other. `scores` grows by model."""
        self.scores = {}
        self._score_next(models, path)

    def _score_next(self, models: tuple[str, ...], path: str) -> None:
        self.scoring = models[0] if models else ""
        self.scores_changed.emit()
        if not models:
            return

        def ended(found: RunMeasure | Problem) -> None:
            self.scores[models[0]] = found
            self._score_next(models[1:], path)

        follow(self._core.measure_run(models[0], path), self, on_result=ended, on_error=ended)

    # ── the way out ──

    def _chat(self, _run: str, left: ExportedRun) -> None:
        """An empty conversation with the model, or with the adapter over its model."""
        if left.completes:  # it never saw a conversation: it goes on with what one writes
            choice = ModelChoice(template=COMPLETION)
            chosen = self._core.set_model_choice(left.model, choice)
            follow(chosen, self, on_result=lambda _: self._talk(left), on_error=self.tell)
        else:
            self._talk(left)

    def _talk(self, left: ExportedRun) -> None:
        self._models.load(left.model)
        self._conversation.new()
        if left.adapter:
            self._conversation.ensure_chat(lambda chat: self._lay_over(chat, left.adapter))
        self.chatting.emit()

    def _lay_over(self, chat: int, adapter: str) -> None:
        operation = self._core.set_reply_values({"adapters": adapter}, chat=chat)
        follow(operation, self, on_error=self.tell)
