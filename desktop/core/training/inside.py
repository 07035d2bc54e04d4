"""Who looks inside models, and the text of the functions that compute what is seen. Computes nothing
itself."""

import ast
import importlib.util
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from desktop.core.errors import Cancelled
from desktop.core.operations import Operation
from desktop.core.training.errors import NoSource
from desktop.core.workers.supervisor import Launch
from desktop.core.workers.trainer import TrainerClient
from engine.train.protocol import LookAround, LookInside

E = TypeVar("E")
IDLE_S = 180.0  # a model stays open for the next look
OURS = ("engine.train",)


class Inside:
    """One process, one look at a time."""

    def __init__(self, launch: Callable[[], Launch]) -> None:
        self._launch = launch
        self._turn = threading.Lock()
        self._client: TrainerClient | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        return self._client.pid if self._client is not None else None

    def look(self, request: LookInside | LookAround, kind: type[E], operation: Operation[Any]) -> E:
        """Raises what `TrainerClient.ask` raises."""
        with self._turn:
            if self._closed or operation.cancelled:  # another look was wanted meanwhile
                raise Cancelled
            if self._client is None:
                self._client = TrainerClient(self._launch(), IDLE_S)
            answer = self._client.ask(request, lambda _: None, lambda: self._closed)
        if not isinstance(answer, kind):
            raise TypeError(f"{answer} is no {kind.__name__}")
        return answer

    def close(self) -> None:
        self._closed = True
        if self._client is not None:
            self._client.close()


def source_of(function: str) -> str:
    """The text of a function or class, "module:name", without importing it. Raises NoSource."""
    module, _, name = function.partition(":")
    try:
        spec = importlib.util.find_spec(module) if module.startswith(OURS) else None
        # in a frozen build the text lies where the module would be
        file = Path(spec.origin).with_suffix(".py") if spec is not None and spec.origin else None
        text = file.read_text("utf-8") if file is not None else ""
        found = _cut_out(text, name)
    except (OSError, ValueError, SyntaxError, ImportError) as error:
        raise NoSource(str(error), name=function) from error
    if not found:
        raise NoSource(name=function)
    return found


def _cut_out(text: str, name: str) -> str:
    nodes = ast.walk(ast.parse(text))
    ours = (node for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name)
    return next((ast.get_source_segment(text, node) or "" for node in ours), "")
