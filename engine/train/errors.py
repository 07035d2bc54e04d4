"""What training can refuse or fail at. Codes and parameters only, as in `engine.errors`.

TrainError
├── BadShape             sizes of which no model can be made
├── TextTooSmall         not enough text to learn from
├── TextUnreadable       a file that is no text
├── NothingToRead        a folder without any text
├── TokenizerUnusable    a tokenizer.json that is none of ours, or a vocabulary of an impossible size
├── DataDamaged          a prepared folder that is not whole
├── RunDamaged           a run's folder without any checkpoint that can be read
├── RunExists            a run stands where a new one was to begin
├── Diverged             the loss is no finite number any more
├── NoUsableRows         a file of examples without one that can be learnt from
├── AnswersTooLong       examples that do not fit what the model sees
├── OneLabel             nothing to tell apart
├── CannotMeasure        a measure that a model of its kind has none of
├── CannotExport         a model that llama.cpp would not compute alike
├── CannotLearn          a model that we cannot compute, and so not train
│   ├── PartUnknown          one of an architecture that we know, with a part that we do not
│   ├── QuantizationUnknown  weights in a form that is not read here
│   └── OtherTokenizer       text that was cut for another model
├── ModelFileDamaged     a model file that is not whole
├── DiskFull             no room for a checkpoint
└── TooLarge             a model or batch that does not fit in the memory
"""

from engine.errors import EngineError


class TrainError(EngineError):
    """Root of what the workshop's trainer raises."""

    code = "train_error"


class BadShape(TrainError):
    """No model can have {value} as its {name}; where {low} and {high} are given, it lies between them."""

    code = "train_bad_shape"


class TextTooSmall(TrainError):
    """The text has {tokens} tokens, and {needed} are needed."""

    code = "train_text_small"


class TextUnreadable(TrainError):
    """{path} is no text: `detail` says why."""

    code = "train_text_unreadable"


class NothingToRead(TrainError):
    """{path} holds no file of text."""

    code = "train_nothing"


class TokenizerUnusable(TrainError):
    """The tokenizer at {path} cannot be used; or {value} is no size for a vocabulary: {low} to {high} are."""

    code = "train_tokenizer"


class DataDamaged(TrainError):
    """The prepared data in {path} is not whole: `detail` says what is missing."""

    code = "train_data_damaged"


class RunDamaged(TrainError):
    """The run in {path} has no checkpoint that can be read."""

    code = "train_run_damaged"


class RunExists(TrainError):
    """There is a run in {path} already: it can be resumed, or a new one begun elsewhere."""

    code = "train_run_exists"


class Diverged(TrainError):
    """At step {step} the loss was no finite number any more; what was learnt up to step {kept} is kept."""

    code = "train_diverged"


class NoUsableRows(TrainError):
    """No row of {path} can be used, most of them for the reason {reason}; its columns are {columns}."""

    code = "train_no_rows"


class AnswersTooLong(TrainError):
    """None of {rows} examples fits into {limit} tokens."""

    code = "train_answers_long"


class OneLabel(TrainError):
    """All texts have the label {label}: there is nothing to tell apart."""

    code = "train_one_label"


class CannotExport(TrainError):
    """A model of kind {kind} is not shaped as Llama, and stays in the workshop."""

    code = "train_cannot_export"


class CannotMeasure(TrainError):
    """A run of this {kind} is not measured by plain text ("labels", "translation") or by rows ("masked")."""

    code = "train_cannot_measure"


class CannotLearn(TrainError):
    """Models of the architecture {architecture} cannot be trained here."""

    code = "train_cannot_learn"


class PartUnknown(CannotLearn):
    """A model of the architecture {architecture} has {part}, which is not computed here."""

    code = "train_part_unknown"


class QuantizationUnknown(CannotLearn):
    """The weights in {path} are quantized as {kind}, which is not read here."""

    code = "train_quantization"


class OtherTokenizer(CannotLearn):
    """The text in {path} was cut into the tokens of another model."""

    code = "train_other_tokenizer"


class ModelFileDamaged(TrainError):
    """The model at {path} cannot be read: `detail` says why."""

    code = "train_model_damaged"


class DiskFull(TrainError):
    """The disk of {path} is full; what was learnt up to step {kept} is kept."""

    code = "train_disk_full"


class TooLarge(TrainError):
    """It needs {needed_bytes} and {free_bytes} are free. {batch}, where it is there: rows that would fit."""

    code = "train_too_large"
