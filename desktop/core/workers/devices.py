"""What models can be placed on here, told soon, and how the person wants them placed.

Only the engine's process knows its GPUs; where it cannot be asked, the host stands alone.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final

import msgspec

from desktop.core.errors import CoreError
from desktop.core.settings import Settings
from desktop.core.workers.runtimes import Runtimes
from engine.devices import MIB, Device, allowed, host, usable
from engine.errors import DeviceUnknown
from engine.fit import Wanted
from engine.protocol import KvType, LoadEmbedder

PATIENCE_S: Final = 5.0  # a driver may hang, and a reply may be long

log = logging.getLogger(__name__)


def wanted_devices(settings: Settings) -> tuple[str, ...] | None:
    """The GPUs that the person chose by name; None: those that suit; empty: none."""
    text = settings.text("devices").strip()
    if not text:
        return None
    if text.casefold() == "none":
        return ()
    return tuple(name.strip() for name in text.split(",") if name.strip())


def wanted(settings: Settings) -> Wanted:
    """How the person wants models placed."""
    layers = settings.whole("gpu_layers")
    return Wanted(
        settings.whole("context_tokens") or None,
        msgspec.convert(settings.text("kv_type").replace("auto", "") or None, KvType | None),
        None if layers < 0 else layers,
    )


def memory_limit_bytes(settings: Settings) -> int:
    """What a model may take of the machine's own memory; 0: what is free."""
    return settings.whole("memory_limit_mib") * MIB


def embedder_request(path: str, settings: Settings) -> LoadEmbedder:
    """How an embedding model is placed: where models may be, as much of it as fits."""
    return LoadEmbedder(
        path, devices=wanted_devices(settings), memory_limit_bytes=memory_limit_bytes(settings)
    )


class KnownDevices:
    """Never fails and never waits long. All methods from any thread."""

    def __init__(
        self,
        ask: Callable[[], tuple[Device, ...]],
        runtimes: Runtimes,
        tell: Callable[[], None] = lambda: None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """`ask` may block and may raise CoreError: only the engine's process knows its GPUs.

        `tell` is called when it may have turned out that a runtime cannot be used.
        """
        self._ask = ask
        self._runtimes = runtimes
        self._tell = tell
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._asking: threading.Thread | None = None
        self._last: tuple[Device, ...] | None = None

    def now(self) -> tuple[Device, ...]:
        """The devices with the memory that is free now; of GPUs as it was when they last answered in time."""
        if not self._runtimes.may_find_gpus:
            self._tell()
            return (host(),)
        with self._lock:
            if self._asking is None:
                self._asking = threading.Thread(target=self._hear, name="ask-devices", daemon=True)
                self._asking.start()
            asking = self._asking
        asking.join(self._patience_s)
        self._tell()
        return self._last or (host(),)

    def to_use(self, settings: Settings) -> tuple[Device, ...]:
        """Those of them that a model is placed on, as the person chose."""
        devices = self.now()
        try:
            chosen = usable(devices, wanted_devices(settings))
        except DeviceUnknown:  # loading a model will say so; until then, as if nothing had been chosen
            chosen = usable(devices)
        return allowed(chosen, memory_limit_bytes(settings))

    def _hear(self) -> None:
        try:
            self._last = self._ask()
        except CoreError as error:
            log.info("the engine does not tell its devices: %s", error)
            self._last = None
        finally:
            with self._lock:
                self._asking = None
