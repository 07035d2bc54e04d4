"""Commands about the whole installation, as values, and how each is carried out. Prints nothing."""

from collections.abc import Callable
from typing import Any

import msgspec

from desktop.core.contract.health import HealthCore
from desktop.core.operations import Operation
from desktop.core.types.health import Health, Paper

Wait = Callable[[Operation[Any]], Any]


class LookAtHealth(msgspec.Struct, frozen=True, tag=True):
    """HealthTold. Emits LookingAt and UpkeepProgress."""

    thorough: bool = False
    repair: bool = False


class TellDiagnostics(msgspec.Struct, frozen=True, tag=True):
    """DiagnosticsTold. `path`: where the zip goes, absolute; "": nothing is written."""

    path: str = ""


class HealthTold(msgspec.Struct, frozen=True, tag=True):
    health: Health


class DiagnosticsTold(msgspec.Struct, frozen=True, tag=True):
    papers: tuple[Paper, ...]
    path: str = ""


HealthCommand = LookAtHealth | TellDiagnostics
HealthResult = HealthTold | DiagnosticsTold


def run_health(core: HealthCore, command: HealthCommand, wait: Wait) -> HealthResult:
    """Raises CoreError."""
    if isinstance(command, LookAtHealth):
        return HealthTold(wait(core.check_health(thorough=command.thorough, repair=command.repair)))
    papers: tuple[Paper, ...] = wait(core.diagnostics())
    if command.path:
        wait(core.save_diagnostics(command.path))
    return DiagnosticsTold(papers, command.path)
