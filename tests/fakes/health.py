"""The part of the fake core that looks at the installation: in order, until a test says otherwise."""

from collections.abc import Callable
from typing import Any

from desktop.core.operations import Operation
from desktop.core.types.health import Finding, Health, Paper

WELL = Health(
    (
        Finding("installation", "program", params={"version": "1.0", "python": "3.11.7", "system": "Linux"}),
        Finding("installation", "parts_here", params={"count": 21}),
        Finding(
            "devices",
            "device",
            params={"name": "CPU", "free_bytes": 9_000_000_000, "total_bytes": 16_000_000_000},
        ),
        Finding("models", "models_sound", params={"count": 2}),
        Finding(
            "chats",
            "chats_sound",
            params={"chats": 31, "messages": 804, "size_bytes": 2_100_000, "version": 12},
        ),
        Finding("library", "library_sound", params={"documents": 12, "pages": 640, "passages": 3100}),
        Finding("settings", "settings_read", params={"count": 3}),
        Finding("disk", "disk_room", params={"free_bytes": 210_000_000_000, "path": "/home/ana/datos"}),
        Finding("permissions", "private"),
        Finding("network", "network_off"),
    )
)
PAPERS = (
    Paper("about.txt", "sobremesa 1.0\nPython 3.11.7\nLinux 6.1 x86_64\n"),
    Paper("health.txt", "fine installation program\nfine chats chats_sound chats=31 messages=804\n"),
    Paper("logs/engine.log.txt", "llama_model_loader: loaded meta data\n"),
)


class FakeHealth:
    """What FakeCore inherits. A test sets `health` for an installation that is not well."""

    health: Health = WELL
    papers: tuple[Paper, ...] = PAPERS
    _now: Callable[..., Operation[Any]]

    def check_health(self, *, thorough: bool = False, repair: bool = False) -> Operation[Health]:
        return self._now("check_health", lambda: self.health, thorough, repair)

    def diagnostics(self) -> Operation[tuple[Paper, ...]]:
        return self._now("diagnostics", lambda: self.papers)

    def save_diagnostics(self, path: str) -> Operation[str]:
        return self._now("save_diagnostics", lambda: path, path)
