"""Models from a Hugging Face hub: listed and downloaded, by a process of their own, and only when allowed."""

from desktop.core.hub.client import HubClient
from desktop.core.hub.downloads import Downloads

__all__ = ["Downloads", "HubClient"]
