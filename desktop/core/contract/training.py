"""What may be asked of the core about the workshop: runs of training, what they learn from, what they
become."""

from typing import Literal, Protocol

from desktop.core.operations import Operation
from desktop.core.types.training import (
    Answered,
    DataPreview,
    ExportedRun,
    RunEstimate,
    RunHistory,
    RunInfo,
    RunMeasure,
    TrainingPlan,
)
from engine.train.specs import Settings


class TrainingCore(Protocol):
    """The part of `desktop.core.contract.Core` that knows the workshop."""

    def list_runs(self) -> Operation[tuple[RunInfo, ...]]:
        """All that are kept, the newest first. One that cannot be read is listed as "damaged"."""
        ...

    def run_history(self, run: str) -> Operation[RunHistory]:
        """All that a run told so far. Ends in RunMissing."""
        ...

    def preview_data(self, plan: TrainingPlan) -> Operation[DataPreview]:
        """What a plan would learn from. Ends in what reading it ends in, such as "train_no_rows"."""
        ...

    def write_rows(self, path: str, rows: tuple[tuple[str, str], ...], *, labels: bool) -> Operation[str]:
        """Keep rows that a person wrote as a file of examples; the result is its path. An empty `path`: a new
        one among the workshop's own."""
        ...

    def rows_of(self, plan: TrainingPlan) -> Operation[tuple[tuple[str, str], ...]]:
        """All usable rows that a plan learns from, to be edited: question and answer, or text and label.
        Ends in RowsTooRich where some say more than that, as a conversation of several turns does."""
        ...

    def gather_material(self, what: Literal["chats", "documents"]) -> Operation[str]:
        """A file of examples out of the replies that the person rated good or edited, or a folder with the
        text of the library's documents, kept among the workshop's own; the result is its path.

        Emits GatheringMaterial. Ends in nothing_rated, no_text_there.
        """
        ...

    def estimate_run(self, plan: TrainingPlan) -> Operation[RunEstimate]:
        """What it would take, before anything is begun."""
        ...

    def begin_run(self, plan: TrainingPlan) -> Operation[RunInfo]:
        """Prepare and train; the result is the finished run. Emits TrainingEvent.

        What it learns from is copied into its folder first. Cancelling stops it after a checkpoint and
        ends in a result too, in state "stopped". A failure ends in the error, and the run is kept in state
        "failed" or "interrupted". Ends in TrainingBusy while another one runs.
        """
        ...

    def resume_run(self, run: str) -> Operation[RunInfo]:
        """Have a run go on from its last checkpoint. Emits TrainingEvent. Ends in RunMissing, TrainingBusy,
        RunDataChanged where what it learns from is no more what it was."""
        ...

    def branch_run(self, run: str, settings: Settings, name: str = "") -> Operation[RunInfo]:
        """A copy of a run that goes on from its last checkpoint with other settings. Emits TrainingEvent."""
        ...

    def rename_run(self, run: str, name: str) -> Operation[RunInfo]: ...

    def delete_run(self, run: str) -> Operation[None]:
        """Put its folder into the system's trash. Ends in RunMissing, TrainingBusy, RunNotRemoved."""
        ...

    def export_run(self, run: str) -> Operation[ExportedRun]:
        """Have a run leave for the chat: as a model in the models folder or, where it learnt an adapter for a
        model that is there, as that adapter's file. What left before is not written again."""
        ...

    def ask_models(
        self, models: tuple[str, ...], prompts: tuple[str, ...]
    ) -> Operation[tuple[Answered, ...]]:
        """The same prompts to several models, each a file or the id of a run, one after the other. Emits each
        `Answered` as it comes; one that cannot answer says why in it."""
        ...

    def measure_run(self, run: str, path: str = "") -> Operation[RunMeasure]:
        """How good a run is on a file of rows or of text, or ("") on what it held out. It is kept with the
        run. A model's file is measured too, on a file only, and nothing is kept then."""
        ...

    def run_measures(self, run: str) -> Operation[tuple[RunMeasure, ...]]:
        """All that was measured of a run, the newest first; the last one of each file and step. Ends in
        RunMissing."""
        ...
