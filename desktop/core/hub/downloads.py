"""Models from the hub: what a repository offers, and one of them brought into the models folder, checked.

Decides where files lie and what is kept; the network is the worker's.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from desktop.core.errors import Cancelled, CoreError, NoRoomForModel, Reported
from desktop.core.events import DownloadingModel
from desktop.core.hub.addresses import Wanted, host_of, wanted_of
from desktop.core.hub.client import HubClient, HubProcess
from desktop.core.hub.errors import DownloadNotWritten, FileNotOffered, FileReplaced, Offline
from desktop.core.hub.fits import by_model, header_for
from desktop.core.hub.offers import chosen, described, offers
from desktop.core.hub.protocol import Fetching, FileAt, Listed
from desktop.core.hub.staging import Plan, Slot, Staging
from desktop.core.models import ModelShelf
from desktop.core.models.checksums import checksum
from desktop.core.models.drafts import MARGIN_BYTES, free_bytes, placed
from desktop.core.models.splits import Split, split_of
from desktop.core.operations import Operation
from desktop.core.settings import Settings
from desktop.core.types.models import HubRepository, ImportedModel, ModelFile, PausedDownload
from engine.fit import Fit
from engine.gguf_header import ModelHeader

RATE_S = 8.0
# a list is waited for: so long for headers altogether, and so many models
HEADERS_S = 8.0
MOST_HEADERS = 3

FitOf = Callable[[ModelHeader], Fit]


class Downloads:
    """All methods but `close` and `pause_all` block their thread, which is one of the core's."""

    def __init__(self, shelf: ModelShelf, settings: Settings, client: HubClient, fit_of: FitOf) -> None:
        self._shelf = shelf
        self._settings = settings
        self._client = client
        self._fit_of = fit_of
        self._staging = Staging(shelf.folder)
        self._lock = threading.Lock()
        self._running: dict[Operation[Any], int] = {}  # what each still needs on the disk, bytes

    def listed(self, text: str, online: bool, operation: Operation[Any]) -> HubRepository:
        """Raises Offline, BadRepository, what the worker says of the hub, and Cancelled."""
        wanted = self._wanted(text, online)
        with self._noted(operation), self._client.process(operation, self._address) as process:
            listed = process.listed(wanted.repository, wanted.revision)
            if wanted.file:
                offer = chosen(listed, wanted.file, self._host)
                listed = replace(listed, files=offer.parts)
            headers = self._headers(process, listed)
        return self._with_fits(listed, headers)

    def run(
        self, text: str, file: str, revision: str, online: bool, operation: Operation[Any]
    ) -> ImportedModel:
        """Bring a model. Raises what `listed` raises, and what keeps it from lying here.

        Whatever it ends in, what came is kept for the same call, unless the error says otherwise.
        """
        wanted = self._wanted(text, online)
        wanted = Wanted(wanted.repository, file or wanted.file, revision or wanted.revision)
        with self._noted(operation):
            begun = self._staging.find(wanted.repository, wanted.file)
            if begun is None or wanted.revision not in ("", begun.revision):
                begun = self._planned(wanted, operation)
            with self._staging.slot(begun.repository, begun.file) as slot:
                earlier = slot.plan()
                if earlier is not None and wanted.revision in ("", earlier.revision):
                    begun = earlier
                return self._bring(slot, begun, earlier, operation)

    def paused(self) -> tuple[PausedDownload, ...]:
        return self._staging.paused()

    def discard(self, repository: str, file: str) -> None:
        """Raises BadRepository, DownloadRunning."""
        wanted = wanted_of(repository, self._address)
        plan = self._staging.find(wanted.repository, file or wanted.file)
        if plan is not None:
            with self._staging.slot(plan.repository, plan.file) as slot:
                slot.discard()

    def pause_all(self) -> None:
        """The person takes the network back."""
        with self._lock:
            running = list(self._running)
        for operation in running:
            operation.cancel()

    @contextlib.contextmanager
    def _noted(self, operation: Operation[Any]) -> Iterator[None]:
        """As one that asks the network, while it does."""
        with self._lock:
            self._running[operation] = 0
        try:
            yield
        finally:
            with self._lock:
                del self._running[operation]

    # ── asking ──

    @property
    def _address(self) -> str:
        return self._settings.text("hub_address")

    @property
    def _host(self) -> str:
        return host_of(self._address)

    def _wanted(self, text: str, online: bool) -> Wanted:
        if self._settings.flag("offline") and not online:
            raise Offline
        return wanted_of(text, self._address)

    def _planned(self, wanted: Wanted, operation: Operation[Any]) -> Plan:
        """What to bring, as the hub has it now. With one model there, it need not be named."""
        with self._client.process(operation, self._address) as process:
            listed = process.listed(wanted.repository, wanted.revision)
        every = offers(listed.files)
        offer = every[0] if not wanted.file and len(every) == 1 else chosen(listed, wanted.file, self._host)
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
                    kept_bytes=self._staging.kept_bytes(listed.id, offer.name, digests),
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
            self._check_room(slot, plan, operation)
            try:
                digests = self._fetched(slot, plan, operation)
            except Reported as error:
                if plan is not earlier or error.problem().code != FileNotOffered.code:
                    raise
                # the hub no longer has the commit that was pinned when the download began
                plan = self._moved(slot, plan, operation)
                digests = self._fetched(slot, plan, operation)
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
            raise FileReplaced(file=plan.file, name=plan.repository, host=self._host)
        slot.begin(newest)
        return newest

    def _fetched(self, slot: Slot, plan: Plan, operation: Operation[Any]) -> list[str]:
        """Bring each part; gives their SHA-256."""
        progress = _Progress(plan.size_bytes, operation, lambda left: self._note(operation, left))
        digests = []
        with self._client.process(operation, self._address, slot.log) as process:
            for part in plan.parts:
                file = FileAt(plan.repository, plan.revision, part)
                digests.append(process.fetch(file, slot.path(part), progress))
                progress.next(part.size_bytes)
        return digests

    def _note(self, operation: Operation[Any], left_bytes: int) -> None:
        with self._lock:
            self._running[operation] = left_bytes

    def _check_room(self, slot: Slot, plan: Plan, operation: Operation[Any]) -> None:
        """Raises NoRoomForModel. What other downloads here still need is not free."""
        left_bytes = plan.size_bytes - slot.kept_bytes()
        with self._lock:
            promised = sum(left for other, left in self._running.items() if other is not operation)
            free = max(0, free_bytes(self._shelf.folder) - promised)
            needed_bytes = left_bytes + MARGIN_BYTES
            if left_bytes and free < needed_bytes:
                raise NoRoomForModel(
                    path=plan.file, folder=str(self._shelf.folder), needed_bytes=needed_bytes, free_bytes=free
                )
            self._running[operation] = left_bytes

    def _check_model(self, slot: Slot, plan: Plan) -> None:
        """Raises (reported) what keeps it from being a model; it is discarded then, as it will stay so."""
        model = ModelShelf(slot.files).described(split_of(slot.path(plan.parts[0])))
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


class _Progress:
    """From a worker's words on one part to what the person is told of the whole."""

    def __init__(self, total_bytes: int, operation: Operation[Any], note: Callable[[int], None]) -> None:
        self._total_bytes = total_bytes
        self._operation = operation
        self._note = note
        self._before = 0  # of the parts that are done
        self._seen: deque[tuple[float, int]] = deque()

    def __call__(self, event: Fetching) -> None:
        done = self._before + event.done_bytes
        rate = 0.0 if event.checking else self._rate(done)
        if not event.checking:
            self._note(self._total_bytes - done)
        self._operation.emit(DownloadingModel(done, self._total_bytes, rate, event.checking))

    def next(self, size_bytes: int) -> None:
        self._before += size_bytes

    def _rate(self, done: int) -> float:
        """Bytes a second of late; 0 before anything can be said."""
        now = time.monotonic()
        if self._seen and done < self._seen[-1][1]:  # the server began anew
            self._seen.clear()
        self._seen.append((now, done))
        while now - self._seen[0][0] > RATE_S:
            self._seen.popleft()
        since, before = self._seen[0]
        return (done - before) / (now - since) if now - since >= 1 else 0.0


def _placed(slot: Slot, plan: Plan, folder: Path) -> Split:
    """Give the model its name in the models folder, in one step. Raises OSError."""
    first = slot.path(plan.parts[0])
    if len(plan.parts) == 1:
        return split_of(placed(first, folder, first.stem, ".gguf"))
    inside = placed(slot.files, folder, split_of(first).base, "")
    return split_of(inside / first.name)
