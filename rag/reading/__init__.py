"""From a file to the cleaned text of its pages, with the map from text back to places on the page."""

from rag.reading.kinds import SUFFIXES, is_document
from rag.reading.runs import boxes_for

__all__ = ["SUFFIXES", "boxes_for", "is_document"]
