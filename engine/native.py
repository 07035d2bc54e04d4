"""Which llama.cpp this process will load: named once, before its first import. Loads no model."""

import ctypes
import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Final

from engine import runtimes
from engine.errors import RuntimeUnusable

FOLDER_VARIABLE: Final = "LLAMA_CPP_LIB_PATH"  # read by llama_cpp when it is imported
MODULE_VARIABLE: Final = "GGML_BACKEND_PATH"  # one more module that ggml's own search would load


def settle(folder: Path | None, environment: MutableMapping[str, str] = os.environ) -> str:
    """Have llama.cpp come from the runtime `folder`; None: from llama-cpp-python. Gives the name to show.

    An environment that names another place is not heard. Raises RuntimeUnusable.
    """
    for variable in (FOLDER_VARIABLE, MODULE_VARIABLE):
        environment.pop(variable, None)
    if folder is None:
        return runtimes.BUILT_IN
    found = runtimes.opened(folder)
    for file in found.base:
        # by path, before libllama asks for them by name: the system would look in other places first
        try:
            ctypes.CDLL(str(file))
        except OSError as error:
            raise RuntimeUnusable(str(error), folder=str(folder)) from error
    environment[FOLDER_VARIABLE] = str(found.path)
    return found.name
