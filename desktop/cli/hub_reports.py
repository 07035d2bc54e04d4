"""What a person reads of a hub's models and of a download. Looks nothing up."""

import shlex
import textwrap
from typing import Any

from desktop.cli import shapes
from desktop.core.events import DownloadingModel
from desktop.core.hub.advice import recommended
from desktop.core.types.models import HubFile, HubRepository, ImportedSearchModel
from desktop.i18n import _, number, percent, size
from desktop.words import fit as fit_words

WIDTH = 88
MINUTE_S, HOUR_S = 90, 5400  # up to these, seconds and minutes are told


def progress(event: DownloadingModel) -> str:
    """How far a download has come, how fast it is and how long it will take."""
    share = percent(event.done_bytes / max(1, event.total_bytes))
    if event.checking:
        return _("Checking what came… {share}").format(share=share)
    facts = [_("{done} of {total}").format(done=size(event.done_bytes), total=size(event.total_bytes))]
    if event.bytes_per_s >= 1:
        facts.append(_("{rate} per second").format(rate=size(event.bytes_per_s)))
        facts.append(_left((event.total_bytes - event.done_bytes) / event.bytes_per_s))
    return _("Downloading… {share}").format(share=share) + f" ({', '.join(facts)})"


def repository(found: HubRepository, *, online: bool = False) -> str:
    """The models of a repository, the smallest first, and which one to take.

    `online`: they could only be asked for with --online, and the download can too.
    """
    licence = found.licence or _("no licence named")
    lines = [f"{found.id} ({licence})", *(_file(file) for file in found.files)]
    best = recommended(found.files)
    if best is None:
        lines.append(_("None of them is known to fit this computer."))
    else:
        command = f"sobremesa models download {found.id} {shlex.quote(best.name)}"
        command += " --online" if online else ""
        lines.append(_("For this computer: {file}").format(file=best.name) + f"\n  {command}")
    return "\n".join(lines)


def paused() -> str:
    return _("Paused. What came is kept, and the same command goes on from there.")


def repository_shape(found: HubRepository) -> dict[str, Any]:
    """What `--json` prints."""
    best = recommended(found.files)
    return {
        "repository": found.id,
        "revision": found.revision,
        "licence": found.licence,
        "files": [
            {
                "name": file.name,
                "size_bytes": file.size_bytes,
                "parts": file.parts,
                "quantization": file.quantization,
                "kept_bytes": file.kept_bytes,
                "fit": shapes.fit(file.fit),
            }
            for file in found.files
        ],
        "recommended": best.name if best is not None else None,
    }


def search_model(found: HubRepository) -> str:
    """The files that a repository's search model takes."""
    licence = found.licence or _("no licence named")
    files = [f"  {file.name}: {size(file.size_bytes)}" for file in found.files]
    total = size(sum(file.size_bytes for file in found.files))
    return "\n".join((f"{found.id} ({licence})", *files, _("All of it: {size}").format(size=total)))


def listed_shape(found: HubRepository, *, search: bool) -> dict[str, Any]:
    """What `--json` prints for a list of models, or for the files of a search model."""
    if not search:
        return repository_shape(found)
    return {
        "repository": found.id,
        "revision": found.revision,
        "licence": found.licence,
        "files": [{"name": file.name, "size_bytes": file.size_bytes} for file in found.files],
    }


def chosen(done: ImportedSearchModel) -> str:
    """What became of a search model that was downloaded."""
    text = (
        _("{name} was on this computer already, and finds passages from now on.")
        if done.already
        else _("{name} is on this computer now, and finds passages from now on.")
    )
    licence = _("Licence: {licence}").format(licence=done.licence) if done.licence else ""
    lines = (text.format(name=done.name), done.path, licence)
    return "\n  ".join(line for line in lines if line)


def chosen_shape(done: ImportedSearchModel) -> dict[str, Any]:
    return {
        "search_model": {"path": done.path, "name": done.name, "form": done.form, "licence": done.licence},
        "already": done.already,
    }


def _file(file: HubFile) -> str:
    facts = [size(file.size_bytes), file.quantization]
    if file.parts > 1:
        facts.append(_("{count} files").format(count=number(file.parts)))
    if file.kept_bytes:
        facts.append(_("{size} of it are here").format(size=size(file.kept_bytes)))
    text = ", ".join(fact for fact in facts if fact) + "."
    if file.fit is not None:
        text += f" {fit_words.sentence(file.fit)}"
    return f"  {file.name}\n" + textwrap.indent(textwrap.fill(text, WIDTH - 4), "    ")


def _left(left_s: float) -> str:
    if left_s <= MINUTE_S:
        return _("{count} s left").format(count=number(round(left_s)))
    if left_s <= HOUR_S:
        return _("{count} min left").format(count=number(round(left_s / 60)))
    return _("{count} h left").format(count=number(round(left_s / 3600)))
