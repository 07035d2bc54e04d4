"""Whole documents out of library.db: every page with its text. Searches nothing."""

from rag.sqlite import sqlite3
from rag.store.scope import Scope
from rag.whole_values import PageText, WholeRead

_FROM = (
    " FROM documents d JOIN collections c ON c.id = d.collection"
    " JOIN pages g ON g.document = d.id AND g.generation = d.generation"
    " WHERE d.removed_at = 0 AND c.removed_at = 0 AND trim(g.text) <> '' AND "
)


def whole(db: sqlite3.Connection, scope: Scope, limit_characters: int) -> WholeRead:
    """Everything that can be seen in a scope, or how much that would be."""
    condition, numbers = scope.condition()
    counted = "SELECT count(DISTINCT d.id), coalesce(sum(length(g.text)), 0)"
    documents, characters = db.execute(counted + _FROM + condition, numbers).fetchone()
    if characters > limit_characters:
        return WholeRead((), documents, characters)
    select = "SELECT d.id, d.path, d.title, g.number, g.text"
    rows = db.execute(select + _FROM + condition + " ORDER BY d.path, d.id, g.number", numbers)
    return WholeRead(tuple(PageText(*row) for row in rows), documents, characters)
