"""Where a command is carried out: in the program that owns the data folder, else in this one."""

import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from desktop.core.commands import Command, Emit, Result, run
from desktop.core.encryption.errors import PassphraseNeeded
from desktop.core.errors import Cancelled, DataInUse, OwnerGone
from desktop.core.events import CoreEvent, EngineStatus, StorageProblem
from desktop.core.places import Places
from desktop.core.types import Problem

if TYPE_CHECKING:
    from desktop.core.contract import Core
    from desktop.core.local_socket import Server

# how long another program may hold the data folder without listening: it is starting or closing
PATIENCE_S = 8.0
RETRY_S = 0.1


class Gateway:
    """Opens a core only when nobody else has one on this data folder, and then serves others with it."""

    def __init__(
        self,
        places: Places,
        open_core: "Callable[[Places], Core] | None" = None,
        on_problem: Callable[[Problem], None] = lambda _problem: None,
        unlock: Callable[[Places], None] | None = None,
    ) -> None:
        """`on_problem` hears of trouble with data or runtime that does not keep a command from running.
        `unlock` opens the key of an encrypted data folder, or raises CoreError.
        """
        self._unlock = unlock
        self._places = places
        self._on_problem = on_problem
        self._open_core = open_core
        self._core: Core | None = None
        self._runtime_problem: Problem | None = None
        self._server: Server | None = None

    @property
    def places(self) -> Places:
        return self._places

    def run(self, command: Command, emit: Emit, cancelled: threading.Event) -> Result:
        """Carry out `command`. Raises CoreError; DataInUse when the folder's holder stays silent."""
        give_up_at = time.monotonic() + PATIENCE_S
        while self._core is None:
            events = _Counted(emit)
            try:
                result = self._through_owner(command, events, cancelled)
            except OwnerGone:
                # it was about to close when we came; halfway through there is something to lose
                if events.count or time.monotonic() > give_up_at:
                    raise
                continue
            if result is not None:
                return result
            self._try_to_own(give_up_at, cancelled)
        return run(self._core, command, emit, cancelled)

    def close(self, on_wait: Callable[[], None] = lambda: None) -> None:
        """Let commands of other programs finish here, then close the core. `on_wait`: that takes a while."""
        if self._server is not None:
            if self._server.busy:
                on_wait()
            self._server.close(patience_s=3600)
        if self._core is not None:
            self._core.close()
        self._server = self._core = None

    def abandon(self) -> None:
        """Close without waiting for anybody."""
        if self._server is not None:
            self._server.close()
        if self._core is not None:
            self._core.close()
        self._server = self._core = None

    def _through_owner(self, command: Command, emit: Emit, cancelled: threading.Event) -> Result | None:
        # not Path.exists(): it raises where a folder may not be entered or a name is too long
        if not os.path.exists(self._places.socket_key_file):  # noqa: PTH110  spares the import where nobody listens
            return None
        from desktop.core.local_socket import connect

        remote = connect(self._places)
        return None if remote is None else remote.run(command, emit, cancelled)

    def _try_to_own(self, give_up_at: float, cancelled: threading.Event) -> None:
        try:
            self._core = self._open()
        except PassphraseNeeded:
            if self._unlock is None:
                raise
            self._unlock(self._places)
            self._core = self._open()
        except DataInUse:
            if time.monotonic() > give_up_at:
                raise
            if cancelled.wait(RETRY_S):
                raise Cancelled from None
            return
        self._core.subscribe(self._notice)
        from desktop.core.local_socket import serve

        try:
            self._server = serve(self._core, self._places)
        except OSError:  # a file system without sockets: others will be told that the data is in use
            self._server = None

    def _notice(self, event: CoreEvent) -> None:
        # said here or never: a damaged file is put aside by whoever opens it first
        if isinstance(event, StorageProblem) and event.problem is not None:
            self._on_problem(event.problem)
        if isinstance(event, EngineStatus) and event.runtime_problem != self._runtime_problem:
            self._runtime_problem = event.runtime_problem
            if event.runtime_problem is not None:
                self._on_problem(event.runtime_problem)

    def _open(self) -> "Core":
        if self._open_core is not None:
            return self._open_core(self._places)
        from desktop.core.services import open_core

        return open_core(self._places)


class _Counted:
    """Passes events on and knows how many there were."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self.count = 0

    def __call__(self, event: Any) -> None:
        self.count += 1
        self._emit(event)
