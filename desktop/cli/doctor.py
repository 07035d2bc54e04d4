"""`sobremesa doctor`: what can be typed, which command it means, and what is printed.

It also answers where the core cannot be opened: what lies on the disk is looked at then.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from desktop.cli.grammar import command, name_of
from desktop.cli.shapes import print_json
from desktop.cli.terminal import Terminal
from desktop.core.commands import Command
from desktop.core.commands.health import (
    DiagnosticsTold,
    HealthResult,
    HealthTold,
    LookAtHealth,
    TellDiagnostics,
)
from desktop.core.errors import Cancelled, CoreError
from desktop.core.places import Places
from desktop.core.types import Problem
from desktop.core.types.health import AREAS, Finding, Health
from desktop.i18n import _
from desktop.words.health import area_label, finding_remedy, finding_sentence, verdict

_SIGNS = {"fine": "✓", "notice": "·", "trouble": "✗"}


def add_doctor(commands: Any) -> None:
    """The words and options of the command."""
    grammar = command(
        commands,
        "doctor",
        _("look whether everything is in order, and repair it"),
        _(
            "Looks at the program, devices, models, chats, documents, index, disk and rights.\n"
            "Changes nothing without --repair. The exit code is 1 where something is not in order."
        ),
    )
    grammar.add_argument("--repair", action="store_true", help=_("mend what can be mended"))
    grammar.add_argument(
        "--thorough", action="store_true", help=_("read databases and index to the last page: takes minutes")
    )
    texts = grammar.add_mutually_exclusive_group()
    texts.add_argument(
        "--diagnostics",
        action="store_true",
        help=_("print what you could pass on to somebody who helps you: nothing you wrote is in it"),
    )
    texts.add_argument(
        "--bundle",
        type=name_of,
        metavar=_("FILE"),
        help=_("write the same into FILE, a zip; nothing is sent"),
    )


def command_of(arguments: argparse.Namespace, absolute: Callable[[str], str]) -> Command:
    """What was typed."""
    if arguments.diagnostics or arguments.bundle:
        return TellDiagnostics(absolute(arguments.bundle) if arguments.bundle else "")
    return LookAtHealth(arguments.thorough, arguments.repair)


def without_core(places: Places, why: CoreError, asked: Command) -> HealthResult | None:
    """What can be said where the core does not open. None: it is not for us to say."""
    from desktop.core.health.doctor import Doctor
    from desktop.core.health.papers import packed, papers
    from desktop.core.private_files import write_private
    from desktop.core.settings import Settings

    if isinstance(why, Cancelled) or not isinstance(asked, LookAtHealth | TellDiagnostics):
        return None
    settings = Settings(places.settings_file)
    thorough = isinstance(asked, LookAtHealth) and asked.thorough
    repair = isinstance(asked, LookAtHealth) and asked.repair
    found = Doctor(places, settings, None, thorough=thorough, repair=repair).look(
        lambda _: None, lambda: False
    )
    first = Finding("installation", "failed", "trouble", problem=why.problem())
    health = Health((first, *found.findings), thorough)
    if isinstance(asked, LookAtHealth):
        return HealthTold(health)
    texts = papers(places, settings, health)
    if asked.path:
        write_private(Path(asked.path), packed(texts))
    return DiagnosticsTold(texts, asked.path)


def sound(result: HealthResult) -> bool:
    return not (isinstance(result, HealthTold) and result.health.troubles)


def tell(
    result: HealthResult, terminal: Terminal, as_json: Callable[[Problem], dict[str, str]] | None
) -> int:
    """Print it, and give the exit code."""
    if as_json is None:
        show(result, terminal)
    else:
        print_json(shape(result, as_json))
    return 0 if sound(result) else 1


def shape(result: HealthResult, problem_shape: Callable[[Problem], dict[str, str]]) -> dict[str, Any]:
    """What `--json` prints."""
    if isinstance(result, DiagnosticsTold):
        return {"path": result.path, "papers": [msgspec.to_builtins(paper) for paper in result.papers]}
    return {
        "sound": not result.health.troubles,
        "thorough": result.health.thorough,
        "findings": [_finding_shape(finding, problem_shape) for finding in result.health.findings],
    }


def _finding_shape(finding: Finding, problem_shape: Callable[[Problem], dict[str, str]]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "area": finding.area,
        "kind": finding.kind,
        "level": finding.level,
        "state": finding.state,
        "message": finding_sentence(finding),
        "hint": finding_remedy(finding),
        "params": dict(finding.params),
    }
    if finding.problem is not None:
        told["error"] = problem_shape(finding.problem)
    return told


def show(result: HealthResult, terminal: Terminal) -> None:
    if isinstance(result, DiagnosticsTold):
        _show_papers(result, terminal)
        return
    for area in AREAS:
        findings = [finding for finding in result.health.findings if finding.area == area]
        if findings:
            terminal.line(area_label(area))
        for finding in findings:
            terminal.line(f"  {_SIGNS[finding.level]} {finding_sentence(finding)}")
            if remedy := finding_remedy(finding):
                terminal.line(f"      {remedy}")
    terminal.line()
    terminal.line(verdict(result.health))
    if result.health.repairable:
        terminal.line(_("Try: {command}").format(command="sobremesa doctor --repair"))


def _show_papers(result: DiagnosticsTold, terminal: Terminal) -> None:
    if result.path:
        terminal.line(_("Written to {path}. Read it before you pass it on:").format(path=result.path))
        for paper in result.papers:
            terminal.line(f"  {paper.name}")
        return
    for paper in result.papers:
        terminal.line(f"── {paper.name} ──")
        terminal.line(paper.text)
