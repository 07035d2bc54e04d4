"""Search models from the hub: what one takes, and one of them brought beside the others, checked.

Decides where the files lie; the network is the worker's. Loads no model.
"""

import json
import re
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from desktop.core.errors import Reported
from desktop.core.hub.addresses import Wanted
from desktop.core.hub.bringing import Bringing
from desktop.core.hub.errors import DownloadNotWritten, FileNotOffered, FileReplaced, NoSearchModelOffered
from desktop.core.hub.protocol import Listed
from desktop.core.hub.search_offers import POOLING, search_parts
from desktop.core.hub.staging import Plan, Slot
from desktop.core.models import ModelShelf
from desktop.core.models.checksums import checksum
from desktop.core.models.drafts import placed
from desktop.core.operations import Operation
from desktop.core.types.models import HubFile, HubRepository, ImportedSearchModel
from rag.embedding.folder import inspect
from rag.errors import RagError

_DEVICES = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)  # no names for folders on Windows


class SearchDownloads:
    """All methods block their thread, which is one of the core's."""

    def __init__(self, shelf: ModelShelf, bringing: Bringing, folder: Path) -> None:
        """`folder`: where search models lie."""
        self._shelf = shelf
        self._bringing = bringing
        self._folder = folder

    def listed(self, text: str, online: bool, operation: Operation[Any]) -> HubRepository:
        """Each file of the search model. Raises Offline, BadRepository, NoSearchModelOffered, Cancelled."""
        wanted = self._bringing.wanted(text, online)
        with self._bringing.noted(operation):
            plan = self._planned(wanted, operation)
        files = tuple(HubFile(part.name, part.size_bytes) for part in plan.parts)
        return HubRepository(plan.repository, plan.revision, files, plan.licence)

    def run(self, text: str, file: str, online: bool, operation: Operation[Any]) -> ImportedSearchModel:
        """Bring it. Raises what `listed` raises, and what keeps it from lying here.

        What came is kept for the same call, unless the error says otherwise.
        """
        wanted = self._bringing.wanted(text, online)
        wanted = replace(wanted, file=file or wanted.file)
        with self._bringing.noted(operation):
            begun = self._begun(wanted) or self._planned(wanted, operation)
            with self._bringing.staging.slot(begun.repository, begun.file) as slot:
                earlier = slot.plan()
                return self._bring(slot, earlier or begun, earlier, operation)

    def _begun(self, wanted: Wanted) -> Plan | None:
        """What was begun before, with the same weights if some are named."""
        for paused in self._bringing.staging.paused():
            same = paused.search and paused.repository.lower() == wanted.repository.lower()
            if same and wanted.file in ("", paused.file) and wanted.revision in ("", paused.revision):
                return self._bringing.staging.find(paused.repository, paused.file)
        return None

    def _planned(self, wanted: Wanted, operation: Operation[Any]) -> Plan:
        with self._bringing.process(operation) as process:
            listed: Listed = process.listed(wanted.repository, wanted.revision, folder=True)
        parts = search_parts(listed, wanted.file, self._bringing.host)
        return Plan(listed.id, parts[-1].name, listed.revision, parts, listed.licence, folder=True)

    def _bring(
        self, slot: Slot, plan: Plan, earlier: Plan | None, operation: Operation[Any]
    ) -> ImportedSearchModel:
        present = self._present(plan, operation)
        if present is not None:
            slot.discard()
            return _imported(present, plan, already=True)
        try:
            slot.begin(plan)
            self._bringing.check_room(slot, plan, operation)
            try:
                self._bringing.fetched(slot, plan, operation)
            except Reported as error:
                if earlier is None or error.problem().code != FileNotOffered.code:
                    raise
                plan = self._moved(slot, plan, operation)  # the hub no longer has the commit of then
                self._bringing.fetched(slot, plan, operation)
            self._check(slot, plan)
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = placed(slot.files, self._folder, _base(plan), "")
        except OSError as error:
            raise DownloadNotWritten(str(error), file=plan.file, folder=str(self._folder)) from error
        slot.discard()
        return _imported(made, plan, already=False)

    def _moved(self, slot: Slot, plan: Plan, operation: Operation[Any]) -> Plan:
        """The same bytes at the newest commit. Raises FileReplaced, having discarded what came."""
        newest = self._planned(Wanted(plan.repository, plan.file), operation)
        if newest.digests != plan.digests:
            slot.discard()
            raise FileReplaced(file=plan.file, name=plan.repository, host=self._bringing.host)
        slot.begin(newest)
        return newest

    def _check(self, slot: Slot, plan: Plan) -> None:
        """Raises what keeps the folder from being a search model; it is discarded then."""
        try:
            form = inspect(slot.files).form
        except RagError as error:
            slot.discard()
            problem = Reported.of(error).problem()
            raise Reported(replace(problem, params={**problem.params, "path": plan.repository})) from error
        if form == "onnx" and not _averages(slot.files / POOLING):
            slot.discard()
            raise NoSearchModelOffered(
                "not pooled by the mean", name=plan.repository, host=self._bringing.host
            )

    def _present(self, plan: Plan, operation: Operation[Any]) -> Path | None:
        """A folder of ours with the same bytes. Reads files only where all sizes are the same."""
        number, base = 1, _base(plan)
        while (path := self._folder / (base if number == 1 else f"{base}-{number}")).is_dir():
            number += 1
            try:
                if all((path / part.name).stat().st_size == part.size_bytes for part in plan.parts) and all(
                    checksum(path / part.name, self._shelf.facts, lambda: operation.cancelled) == part.sha256
                    for part in plan.parts
                    if part.sha256
                ):
                    return path
            except FileNotFoundError:
                continue
        return None


def _averages(pooling: Path) -> bool:
    """Whether a vector is the mean of its tokens, as our ONNX form makes it; also where nothing is said."""
    try:
        said = json.loads(pooling.read_text("utf-8"))
    except (OSError, ValueError):
        return not pooling.exists()
    if not isinstance(said, dict):
        return False
    return said.get("pooling_mode_mean_tokens") is True or said.get("pooling_mode") == "mean"


def _base(plan: Plan) -> str:
    name = plan.repository.split("/")[1]
    return f"{name}-model" if _DEVICES.fullmatch(name.split(".")[0]) else name


def _imported(path: Path, plan: Plan, *, already: bool) -> ImportedSearchModel:
    form = inspect(path).form
    return ImportedSearchModel(str(path), path.name, form, plan.size_bytes, plan.licence, already)
