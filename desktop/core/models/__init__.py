"""The model files a person has: found, described, brought in, removed. Loads none of them."""

from desktop.core.models.checksums import with_checksums
from desktop.core.models.facts import Facts
from desktop.core.models.fitting import fitted
from desktop.core.models.importing import Importer
from desktop.core.models.removing import removable, remove
from desktop.core.models.shelf import ModelShelf
from desktop.core.models.sources import Store, stores

__all__ = [
    "Facts",
    "Importer",
    "ModelShelf",
    "Store",
    "fitted",
    "removable",
    "remove",
    "stores",
    "with_checksums",
]
