"""Where a search may look, as a condition of SQL. Reads nothing."""

from typing import NamedTuple

from rag.store.values import marks


class Scope(NamedTuple):
    """Numbers of collections and documents, pages (from 1, inclusive), and when files were last changed
    (seconds since the epoch, `until` exclusive). Empty or 0: no limit."""

    collections: tuple[int, ...] = ()
    documents: tuple[int, ...] = ()
    first_page: int = 0
    last_page: int = 0
    since: float = 0.0
    until: float = 0.0

    @property
    def everything(self) -> bool:
        return self == Scope()

    @property
    def paged(self) -> bool:
        """Whether it asks for pages: the condition then speaks of `g` too."""
        return bool(self.first_page or self.last_page)

    @property
    def by_index(self) -> "Scope":
        """The part of it that the vector index knows: it keeps neither pages nor dates."""
        return Scope(self.collections, self.documents)

    def condition(self) -> tuple[str, tuple[int | float, ...]]:
        """SQL over `documents d`, and `pages g` where it is paged, with its parameters."""
        parts: list[str] = []
        values: list[int | float] = []
        for column, numbers in (("d.collection", self.collections), ("d.id", self.documents)):
            if numbers:
                parts.append(f"{column} IN {marks(len(numbers))}")
                values += numbers
        for text, limit in (
            ("g.number >= ?", self.first_page),
            ("g.number <= ?", self.last_page),
            ("d.modified_at >= ?", self.since),
            ("d.modified_at < ?", self.until),
        ):
            if limit:
                parts.append(text)
                values.append(limit)
        return " AND ".join(parts) or "1", tuple(values)
