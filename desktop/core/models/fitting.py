"""How a model file fits this machine, for who looks into one file. Listing many asks no such question."""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from desktop.core.errors import Reported
from desktop.core.types import ModelFile
from engine import gguf_header
from engine.devices import Device
from engine.errors import ModelFileError
from engine.fit import Wanted, choose


def fitted(model: ModelFile, wanted: Wanted, devices: Sequence[Device]) -> ModelFile:
    """`model` with its fit to the memory of `devices` that is free now, as wanted.

    None for a split model, whose
    other files' weights do not stand in the first one's header. Raises (reported) ModelFileError.
    """
    if model.parts > 1:
        return model
    try:
        header = gguf_header.inspect(Path(model.path))
    except ModelFileError as error:  # it changed under our hands
        raise Reported.of(error) from error
    if header.split_files > 1:  # one part whose others are missing
        return model
    return replace(model, fit=choose(header, devices, wanted))
