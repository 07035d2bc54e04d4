"""How a model file fits this machine, for who looks into one file. Listing many asks no such question."""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from desktop.core.errors import Reported
from desktop.core.types.models import ModelFile
from engine import gguf_header
from engine.devices import Device
from engine.errors import ModelFileError
from engine.fit import Wanted, choose


def fitted(model: ModelFile, wanted: Wanted, devices: Sequence[Device]) -> ModelFile:
    """`model`, with all its files, and its fit to the memory of `devices` that is free now, as wanted.

    Raises (reported) ModelFileError.
    """
    try:
        header = gguf_header.inspect_whole(Path(model.path))
    except ModelFileError as error:  # it changed under our hands
        raise Reported.of(error) from error
    return replace(model, fit=choose(header, devices, wanted))
