"""What the workshop can refuse, beside what its trainer does (`engine.train.errors`)."""

from desktop.core.errors import CoreError


class RunMissing(CoreError):
    """There is no run {run} any more."""

    code = "run_missing"


class RunUnreadable(CoreError):
    """The record of the run in {path} cannot be read; `detail` says why."""

    code = "run_unreadable"


class TrainingBusy(CoreError):
    """The run {name} is being trained: one at a time."""

    code = "training_busy"


class NothingToLearn(CoreError):
    """A plan that names no text and no examples."""

    code = "nothing_to_learn"


class RowsTooRich(CoreError):
    """In {rows} rows of {path} more is said than a question and its answer."""

    code = "rows_too_rich"


class NoBaseModel(CoreError):
    """A plan for a model that learns on, and none is named."""

    code = "no_base_model"


class RunDataChanged(CoreError):
    """The file {path}, which the run {name} learns from, is another one than when it began."""

    code = "run_data_changed"


class RunNotRemoved(CoreError):
    """The system's trash did not take {path}; `detail` says why."""

    code = "run_not_removed"


class NothingRated(CoreError):
    """No reply of these chats was rated good or edited: there is nothing that a model should learn."""

    code = "nothing_rated"


class NoTextThere(CoreError):
    """The documents of the collection {name} have no text."""

    code = "no_text_there"


class NoSource(CoreError):
    """The text of the function {name} does not come with this build."""

    code = "no_source"
