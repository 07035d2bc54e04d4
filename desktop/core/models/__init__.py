"""The model files a person has: found, described, brought in, quantized, removed. Loads none of them."""

from desktop.core.models.checksums import with_checksums
from desktop.core.models.choices import ModelChoices, arguments_of, template_file
from desktop.core.models.facts import Facts
from desktop.core.models.fitting import fitted
from desktop.core.models.importing import Importer
from desktop.core.models.quantizing import Quantizer
from desktop.core.models.removing import removable, remove
from desktop.core.models.shelf import ModelShelf
from desktop.core.models.sources import Store, stores
from desktop.core.models.trying import TemplateTrials

__all__ = [
    "Facts",
    "Importer",
    "ModelChoices",
    "ModelShelf",
    "Quantizer",
    "Store",
    "TemplateTrials",
    "arguments_of",
    "fitted",
    "removable",
    "remove",
    "stores",
    "template_file",
    "with_checksums",
]
