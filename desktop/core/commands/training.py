"""Commands that gather what a model is to learn from, as values, and how each is carried out."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, assert_never

import msgspec

from desktop.core.operations import Operation
from desktop.core.types.training import ExamplesWritten, TextsWritten

if TYPE_CHECKING:
    from desktop.core.contract import Core

Wait = Callable[[Operation[Any]], Any]


class WriteExamples(msgspec.Struct, frozen=True, tag=True):
    """Emits GatheringMaterial; ExamplesReady. The path is absolute."""

    path: str


class WriteTexts(msgspec.Struct, frozen=True, tag=True):
    """Emits GatheringMaterial; TextsReady. The folder's path is absolute."""

    folder: str
    collections: tuple[str, ...] = ()


TrainingCommand = WriteExamples | WriteTexts


class ExamplesReady(msgspec.Struct, frozen=True, tag=True):
    written: ExamplesWritten


class TextsReady(msgspec.Struct, frozen=True, tag=True):
    written: TextsWritten


TrainingResult = ExamplesReady | TextsReady


def run_training(core: "Core", command: TrainingCommand, wait: Wait) -> TrainingResult:
    """Carry out `command`; `wait` gives an operation's result. Raises CoreError."""
    match command:
        case WriteExamples(path):
            return ExamplesReady(wait(core.write_examples(path)))
        case WriteTexts(folder, collections):
            return TextsReady(wait(core.write_texts(folder, collections)))
        case _:
            assert_never(command)
