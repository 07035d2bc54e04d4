"""Every feature of the program that can use the network: which setting turns it on, which modules then do.

All are off until the person turns them on. A test holds every other module away from the network.
"""

from dataclasses import dataclass
from typing import Final

from desktop.core.settings import Settings, Value, setting


@dataclass(frozen=True)
class NetworkFeature:
    """`setting` with another value than `off` lets these modules talk to the network, and nobody else."""

    name: str
    setting: str
    off: Value
    modules: tuple[str, ...]

    def on(self, settings: Settings) -> bool:
        return settings.value(self.setting) != self.off


FEATURES: Final = (
    # models and search models from the hub; a command may be allowed alone with --online
    NetworkFeature("downloads", "offline", True, ("desktop.core.hub.remote",)),
    # another machine's collections beside the library; other machines than this one need `offline` off too
    NetworkFeature("chroma_server", "chroma_host", "", ("rag.server.connection",)),
)


def features_on(settings: Settings) -> tuple[NetworkFeature, ...]:
    """What may use the network at this moment."""
    return tuple(feature for feature in FEATURES if feature.on(settings))


def off_by_default() -> bool:
    """Whether a new installation asks nothing of any network."""
    return all(setting(feature.setting).default == feature.off for feature in FEATURES)
