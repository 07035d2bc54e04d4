"""The diagnostics: texts that a person can read before passing them on, and the zip they go out in.

No words of the person's are in them, and of paths only the last part. Sends nothing.
"""

import contextlib
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from desktop.core.health.installed import versions
from desktop.core.places import Places
from desktop.core.private_files import write_private
from desktop.core.reports import system_lines, without_folders, without_messages
from desktop.core.settings import SETTINGS, Setting, Settings
from desktop.core.types.health import Finding, Health, Paper

LOG_BYTES = 32_000
_OWN = (
    "chats.sqlite3",
    "library.db",
    "settings.json",
    "presets.json",
    "models.json",
    "window.json",
    "encryption.",
)


def papers(places: Places, settings: Settings, health: Health) -> tuple[Paper, ...]:
    """All that the bundle holds, as it would go out."""
    found = [
        Paper("about.txt", _lines(_about())),
        Paper("health.txt", _lines(_findings(health))),
        Paper("settings.txt", _lines(_settings(settings))),
        Paper("files.txt", _lines(_files(places.data))),
    ]
    found += [Paper(f"logs/{log.name}.txt", text) for log, text in _logs(places.logs_dir)]
    return tuple(found)


def packed(texts: tuple[Paper, ...]) -> bytes:
    """The same as a zip, the same bytes for the same texts."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as bundle:
        for paper in texts:
            bundle.writestr(zipfile.ZipInfo(paper.name), paper.text, zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def save(texts: tuple[Paper, ...], path: Path) -> None:
    """Write the zip, all or nothing, for this user alone. Raises StorageFull, DataUnwritable."""
    write_private(path, packed(texts))


def _lines(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


def _about() -> Iterator[str]:
    yield from system_lines()
    yield ""
    for name, number in versions().items():
        yield f"{name} {number}"


def _findings(health: Health) -> Iterator[str]:
    """Codes, not sentences: the same in every language, and without what a sentence would name."""
    for finding in health.findings:
        yield " ".join([finding.level, finding.area, finding.kind, *_numbers(finding), finding.state]).strip()


def _numbers(finding: Finding) -> Iterator[str]:
    """What was counted, and which error it was. A name or a path may be the person's."""
    for name, value in finding.params.items():
        if isinstance(value, int | float):
            yield f"{name}={value}"
        elif name in ("version", "python", "system"):
            yield f"{name}={value!r}"
    if finding.fault is not None:
        yield f"{finding.fault.kind}={finding.fault.count}"
    if finding.problem is not None:
        yield f"error={finding.problem.code}"


def _settings(settings: Settings) -> Iterator[str]:
    """Numbers, switches and choices as they are; of a text only whether there is one."""
    for declared in SETTINGS:
        value = settings.value(declared.name)
        yield f"{declared.name}: {_told(declared, value)}"


def _told(declared: Setting, value: object) -> str:
    if value == declared.default:
        return "as it came"
    if not isinstance(value, str) or value in (*declared.choices, *declared.suggestions):
        return str(value)
    return "something else" if value else "empty"


def _files(data: Path) -> Iterator[str]:
    """How large and whose: the program's own files by name, everything else by its ending."""
    for folder, folders, files in os.walk(data):
        folders[:] = sorted(name for name in folders if name != "models")
        for name in sorted(files):
            with contextlib.suppress(OSError):
                status = (Path(folder) / name).lstat()
                depth = len(Path(folder).relative_to(data).parts)
                shown = name if name.startswith(_OWN) else f"*{Path(name).suffix}"
                place = Path(folder).relative_to(data).parts[0] if depth else "."
                yield f"{place}: {shown} {status.st_size} bytes, mode {status.st_mode & 0o7777:o}"


def _logs(logs: Path) -> Iterator[tuple[Path, str]]:
    try:
        found = sorted(path for path in logs.iterdir() if path.suffix in (".log", ".run", ".1"))
    except OSError:
        return
    for log in found:
        with contextlib.suppress(OSError):
            yield log, told_log(log)


def told_log(log: Path, read: Callable[[Path], bytes] = Path.read_bytes) -> str:
    """The end of a log as it may be passed on. Raises OSError."""
    text = read(log)[-LOG_BYTES:].decode("utf-8", "replace")
    return without_folders(without_messages(text, keep_lines=True)) + "\n"
