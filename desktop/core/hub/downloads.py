"""Models from the hub: what a repository offers, and one of them brought into the models folder, checked.

Decides where files lie and what is kept; the network is the worker's.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from desktop.core.errors import Cancelled, CoreError, Reported
from desktop.core.hub.addresses import Wanted, wanted_of
from desktop.core.hub.bringing import Bringing
from desktop.core.hub.client import HubProcess
from desktop.core.hub.errors import DownloadNotWritten, FileNotOffered, FileReplaced
from desktop.core.hub.fits import by_model, header_for
from desktop.core.hub.offers import chosen, described, offers
from desktop.core.hub.protocol import FileAt, Listed
from desktop.core.hub.staging import Plan, Slot
from desktop.core.models import ModelShelf
from desktop.core.models.checksums import checksum
from desktop.core.models.drafts import placed
from desktop.core.models.splits import Split, split_of
from desktop.core.operations import Operation
from desktop.core.types.models import HubRepository, ImportedModel, ModelFile, PausedDownload
from engine.fit import Fit
from engine.gguf_header import ModelHeader

# a list is waited for: so long for headers altogether, and so many models
HEADERS_S = 8.0
MOST_HEADERS = 3

FitOf = Callable[[ModelHeader], Fit]


class Downloads:
    """All methods block their thread, which is one of the core's."""

    def __init__(self, shelf: ModelShelf, bringing: Bringing, fit_of: FitOf) -> None:
        self._shelf = shelf
        self._bringing = bringing
        self._fit_of = fit_of

    def listed(self, text: str, online: bool, operation: Operation[Any]) -> HubRepository:
        """Raises Offline, BadRepository, what the worker says of the hub, and Cancelled."""
        wanted = self._bringing.wanted(text, online)
        with self._bringing.noted(operation), self._bringing.process(operation) as process:
            listed = process.listed(wanted.repository, wanted.revision)
            if wanted.file:
                offer = chosen(listed, wanted.file, self._bringing.host)
                listed = replace(listed, files=offer.parts)
            headers = self._headers(process, listed)
        return self._with_fits(listed, headers)

    def run(
        self, text: str, file: str, revision: str, online: bool, operation: Operation[Any]
    ) -> ImportedModel:
        """Bring a model. Raises what `listed` raises, and what keeps it from lying here.

        Whatever it ends in, what came is kept for the same call, unless the error says otherwise.
        """
        wanted = self._bringing.wanted(text, online)
        wanted = Wanted(wanted.repository, file or wanted.file, revision or wanted.revision)
        with self._bringing.noted(operation):
            begun = self._bringing.staging.find(wanted.repository, wanted.file)
            if begun is None or wanted.revision not in ("", begun.revision):
                begun = self._planned(wanted, operation)
            with self._bringing.staging.slot(begun.repository, begun.file) as slot:
                earlier = slot.plan()
                if earlier is not None and wanted.revision in ("", earlier.revision):
                    begun = earlier
                return self._bring(slot, begun, earlier, operation)

    def paused(self) -> tuple[PausedDownload, ...]:
        return self._bringing.staging.paused()

    def discard(self, repository: str, file: str) -> None:
        """Raises BadRepository, DownloadRunning."""
        wanted = wanted_of(repository, self._bringing.address)
        plan = self._bringing.staging.find(wanted.repository, file or wanted.file)
        if plan is not None:
            with self._bringing.staging.slot(plan.repository, plan.file) as slot:
                slot.discard()

    # ── asking ──

    def _planned(self, wanted: Wanted, operation: Operation[Any]) -> Plan:
        """What to bring, as the hub has it now. With one model there, it need not be named."""
        with self._bringing.process(operation) as process:
            listed = process.listed(wanted.repository, wanted.revision)
        every = offers(listed.files)
        alone = not wanted.file and len(every) == 1
        offer = every[0] if alone else chosen(listed, wanted.file, self._bringing.host)
        return Plan(listed.id, offer.name, listed.revision, offer.parts, listed.licence)

    # ── fits ──

    def _headers(self, process: HubProcess, listed: Listed) -> dict[str, ModelHeader]:
        """One header of each model, as far as they come in time."""
        give_up_at = time.monotonic() + HEADERS_S
        found = {}
        for model, every in list(by_model(offers(listed.files)).items())[:MOST_HEADERS]:
            left_s = give_up_at - time.monotonic()
            if left_s <= 0:
                break
            file = FileAt(listed.id, listed.revision, every[0].parts[0])
            header = process.header(file, left_s)
            if header is not None:
                found[model] = header
        return found

    def _with_fits(self, listed: Listed, headers: dict[str, ModelHeader]) -> HubRepository:
        every = {offer.name: offer for offer in offers(listed.files)}
        repository = described(listed)
        files = []
        for file in repository.files:
            offer = every[file.name]
            header = headers.get(offer.model)
            digests = tuple(part.sha256 or part.git_sha1 for part in offer.parts)
            files.append(
                replace(
                    file,
                    fit=self._fit_of(header_for(offer, header)) if header is not None else None,
                    kept_bytes=self._bringing.staging.kept_bytes(listed.id, offer.name, digests),
                )
            )
        return replace(repository, files=tuple(files))

    # ── bringing ──

    def _bring(
        self, slot: Slot, plan: Plan, earlier: Plan | None, operation: Operation[Any]
    ) -> ImportedModel:
        """`earlier`: the plan that was begun before, when it was."""
        present = self._present(plan, operation)
        if present is not None:
            slot.discard()
            return self._imported(present, plan, already=True)
        try:
            slot.begin(plan)
            self._bringing.check_room(slot, plan, operation)
            try:
                digests = self._bringing.fetched(slot, plan, operation)
            except Reported as error:
                if plan is not earlier or error.problem().code != FileNotOffered.code:
                    raise
                # the hub no longer has the commit that was pinned when the download began
                plan = self._moved(slot, plan, operation)
                digests = self._bringing.fetched(slot, plan, operation)
            self._check_model(slot, plan)
            made = _placed(slot, plan, self._shelf.folder)
        except OSError as error:
            folder = str(self._shelf.folder)
            raise DownloadNotWritten(str(error), file=plan.file, folder=folder) from error
        for part, sha256 in zip(made.parts.values(), digests, strict=True):
            self._shelf.facts.keep_sha256(part, part.stat(), sha256)
        slot.discard()
        return self._imported(made, plan, already=False)

    def _moved(self, slot: Slot, plan: Plan, operation: Operation[Any]) -> Plan:
        """The same bytes at the newest commit. Raises FileReplaced, having discarded what came."""
        newest = self._planned(Wanted(plan.repository, plan.file), operation)
        if newest.digests != plan.digests:
            slot.discard()
            raise FileReplaced(file=plan.file, name=plan.repository, host=self._bringing.host)
        slot.begin(newest)
        return newest

    def _check_model(self, slot: Slot, plan: Plan) -> None:
        """Raises (reported) what keeps it from being a model; it is discarded then, as it will stay so."""
        model = ModelShelf(slot.files).described(split_of(slot.path(plan, plan.parts[0])))
        if model.problem is not None:
            slot.discard()
            raise Reported(replace(model.problem, params={**model.problem.params, "path": plan.file}))

    def _present(self, plan: Plan, operation: Operation[Any]) -> Split | None:
        """The same bytes in the models folder. Reads files only where one has the same sizes."""
        sizes = [part.size_bytes for part in plan.parts]
        digests = [part.sha256 for part in plan.parts]
        for own in self._shelf.own() if all(digests) else ():
            parts = list(own.parts.values())
            try:
                if [part.stat().st_size for part in parts] == sizes and digests == [
                    checksum(part, self._shelf.facts, lambda: operation.cancelled) for part in parts
                ]:
                    return own
            except Cancelled:
                raise
            except (OSError, CoreError):  # gone meanwhile, or not ours to read
                continue
        return None

    def _imported(self, split: Split, plan: Plan, *, already: bool) -> ImportedModel:
        model: ModelFile = self._shelf.described(split)
        # a header often names none, and the hub's page does
        return ImportedModel(replace(model, licence=model.licence or plan.licence), already=already)


def _placed(slot: Slot, plan: Plan, folder: Path) -> Split:
    """Give the model its name in the models folder, in one step. Raises OSError."""
    first = slot.path(plan, plan.parts[0])
    if len(plan.parts) == 1:
        return split_of(placed(first, folder, first.stem, ".gguf"))
    inside = placed(slot.files, folder, split_of(first).base, "")
    return split_of(inside / first.name)
