"""Try a model's chat template when somebody looks into its file, in a process that may be killed.

A template is code from the file. It never runs in the window's process. Loads no model.
"""

import contextlib
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec.structs import replace

from desktop.core.types.models import ModelFile
from desktop.core.workers.supervisor import Launch
from engine import gguf_header
from engine.errors import ModelFileError
from engine.protocol import TemplateFacts
from rag.process import how_it_ended, spawn

LIMIT_S = 2.2  # beyond the start of the process; it ends an endless template sooner by itself
START_S = 10.0
KEPT = 256


class TemplateTrials:
    """Each template is tried once in a run of the program. May be used from any thread."""

    def __init__(self, launch: Callable[[], Launch]) -> None:
        self._launch = launch
        self._lock = threading.Lock()
        self._known: dict[str, TemplateFacts] = {}

    def tried(self, model: ModelFile) -> ModelFile:
        """`model` with what its template is like; as it was where the file cannot be read any more."""
        try:
            source = gguf_header.inspect(Path(model.path)).chat_template
        except ModelFileError:
            return model
        if source is None or not source.strip():
            return replace(model, template=TemplateFacts("none"))
        with self._lock:  # one process at a time is enough
            facts = self._known.get(source) or self._try(source)
            if facts is not None:
                if len(self._known) >= KEPT:
                    self._known.clear()
                self._known[source] = facts
        return replace(model, template=facts)

    def _try(self, source: str) -> TemplateFacts | None:
        """None where no process can be started: then nobody knows."""
        launch = self._launch()
        try:
            child = spawn(launch.module, launch.arguments, launch.log_path, launch.environment)
        except OSError:
            return None
        try:
            with contextlib.suppress(EOFError, OSError, msgspec.DecodeError):
                # its first word says that it stands: starting may take long on a busy machine
                if child.channel.poll(START_S):
                    child.channel.recv_bytes()
                    child.channel.send_bytes(source.encode("utf-8", "replace"))
                    if not child.channel.poll(LIMIT_S):
                        return TemplateFacts("broken", why=f"not done after {LIMIT_S} s")
                    return msgspec.msgpack.decode(child.channel.recv_bytes(), type=TemplateFacts)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(LIMIT_S)
            return TemplateFacts("broken", why=how_it_ended(child.process.poll()))
        finally:
            child.channel.close()
            child.process.kill()
            child.process.wait()
