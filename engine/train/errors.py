"""What training can refuse or fail at. Codes and parameters only, as in `engine.errors`."""

from engine.errors import EngineError


class TrainError(EngineError):
    """Root of what the workshop's trainer raises."""

    code = "train_error"


class BadShape(TrainError):
    """No model can have {value} as its {name}; where {low} and {high} are given, it lies between them."""

    code = "train_bad_shape"
