"""Which files the library reads, by suffix. Opens none."""

from pathlib import PurePath

PDF_SUFFIXES = frozenset({".pdf"})
PLAIN_SUFFIXES = frozenset({".txt", ".md", ".markdown"})
MARKDOWN_SUFFIXES = frozenset({".md", ".markdown"})
SUFFIXES = PDF_SUFFIXES | PLAIN_SUFFIXES


def suffix(path: str | PurePath) -> str:
    return PurePath(path).suffix.lower()


def is_document(path: str | PurePath) -> bool:
    return suffix(path) in SUFFIXES
