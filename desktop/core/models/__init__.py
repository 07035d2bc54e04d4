"""The model files a person has: found, described, brought in, quantized, removed. Loads none of them."""

from desktop.core.models.checksums import with_checksums
from desktop.core.models.facts import Facts
from desktop.core.models.fitting import fitted
from desktop.core.models.importing import Importer
from desktop.core.models.quantizing import Quantizer
from desktop.core.models.removing import removable, remove
from desktop.core.models.shelf import ModelShelf
from desktop.core.models.sources import Store, stores

__all__ = [
    "Facts",
    "Importer",
    "ModelShelf",
    "Quantizer",
    "Store",
    "fitted",
    "removable",
    "remove",
    "stores",
    "with_checksums",
]
