"""Full-text search over what was said in chats. packaging/decisions/0103 says why the newest comes first."""

from collections.abc import Iterable

from desktop.core.chats import rows
from desktop.core.chats.base import StoreBase, reported
from desktop.core.found_words import Term, holds, marks_in, snippet_of, terms_of
from desktop.core.types.chats import Found, FoundChat, FoundMessage

LOOKED_AT = 2_000  # hits, the newest ones: a word that stands everywhere is found fast all the same
CHATS = 60
TITLED = 20  # of those, at most, for their titles, and where the words stand in several messages
MESSAGES_OF_A_CHAT = 4
SCATTERED = 20_000  # messages of each word that are looked at when no message holds all words

# CROSS JOIN: the index of words is read first, from its newest end, and no more of it than is wanted
_HITS = """SELECT w.rowid, m.chat FROM message_words w
    CROSS JOIN messages m INDEXED BY messages_found ON m.id = w.rowid CROSS JOIN chats c ON c.id = m.chat
    WHERE message_words MATCH ? AND m.deleted_with IS NULL AND c.deleted_at IS NULL"""


class SearchStore(StoreBase):
    """What `ChatStore` inherits of searching."""

    @reported
    def find(self, query: str) -> Found:
        """Chats with the words of a query, those whose title holds them first, then by their newest hit.

        A word is found by its beginning, without regard to accents and case; what stands in quotation
        marks as it stands. Where no message and no title holds all words: chats that do.
        """
        terms = terms_of(query)
        if not terms:
            return Found()
        all_words = " AND ".join(term.expression for term in terms)
        titled = [
            row[0]
            for row in self._db.execute(
                "SELECT c.id FROM title_words w JOIN chats c ON c.id = w.rowid "
                "WHERE title_words MATCH ? AND c.deleted_at IS NULL ORDER BY c.updated_at DESC LIMIT ?",
                (all_words, TITLED),
            )
        ]
        hits = self._hits(all_words)
        if not titled and not hits and len(terms) > 1:
            hits = self._scattered(terms)
        return self._found(terms, titled, hits)

    def _hits(self, expression: str) -> list[tuple[int, int]]:
        """(message, chat), the newest first."""
        return self._db.execute(f"{_HITS} ORDER BY w.rowid DESC LIMIT ?", (expression, LOOKED_AT)).fetchall()

    def _scattered(self, terms: tuple[Term, ...]) -> list[tuple[int, int]]:
        """Hits of any of the words in chats that hold all of them."""
        chats: set[int] | None = None
        for term in terms:
            holding = {
                row[0]
                for row in self._db.execute(
                    "SELECT DISTINCT m.chat FROM (SELECT rowid AS found FROM message_words "
                    "WHERE message_words MATCH ? ORDER BY rowid DESC LIMIT ?) "
                    "CROSS JOIN messages m INDEXED BY messages_found ON m.id = found "
                    "WHERE m.deleted_with IS NULL UNION "
                    "SELECT rowid FROM title_words WHERE title_words MATCH ?",
                    (term.expression, SCATTERED, term.expression),
                )
            }
            chats = holding if chats is None else chats & holding
        # they are few, and what each of them says is read: the index would give a common word's hits in all
        # chats before it came to theirs
        said = self._db.execute(
            "SELECT m.id, m.chat, w.text FROM ("
            "SELECT id FROM chats WHERE deleted_at IS NULL AND id IN (SELECT value FROM json_each(?)) "
            "ORDER BY updated_at DESC LIMIT ?) c JOIN messages m ON m.chat = c.id "
            "JOIN message_words w ON w.rowid = m.id WHERE m.deleted_with IS NULL ORDER BY m.id DESC LIMIT ?",
            (rows.encode(sorted(chats or ())), TITLED, LOOKED_AT),
        )
        return [
            (message, chat) for message, chat, text in said if any(holds(text, (term,)) for term in terms)
        ]

    def _found(self, terms: tuple[Term, ...], titled: Iterable[int], hits: list[tuple[int, int]]) -> Found:
        of_chat: dict[int, list[int]] = {chat: [] for chat in titled}
        for message, chat in hits:
            of_chat.setdefault(chat, []).append(message)
        chosen = dict(list(of_chat.items())[:CHATS])
        infos = {
            info.id: info
            for info in map(
                rows.info,
                self._db.execute(
                    f"SELECT {rows.INFO_COLUMNS} FROM chats "  # noqa: S608  our own text
                    "WHERE deleted_at IS NULL AND id IN (SELECT value FROM json_each(?))",
                    (rows.encode(list(chosen)),),
                ),
            )
        }
        shown = [number for found in chosen.values() for number in found[:MESSAGES_OF_A_CHAT]]
        messages = self._snippets(terms, shown)
        return Found(
            tuple(
                FoundChat(
                    infos[chat],
                    marks_in(infos[chat].title, terms),
                    tuple(messages[number] for number in found[:MESSAGES_OF_A_CHAT] if number in messages),
                    len(found),
                )
                for chat, found in chosen.items()
                if chat in infos
            ),
            more=len(hits) >= LOOKED_AT or len(of_chat) > CHATS,
        )

    def _snippets(self, terms: tuple[Term, ...], messages: list[int]) -> dict[int, FoundMessage]:
        found = self._db.execute(
            "SELECT m.id, m.role, m.created_at, w.text "
            "FROM message_words w JOIN messages m ON m.id = w.rowid "
            "WHERE w.rowid IN (SELECT value FROM json_each(?))",
            (rows.encode(messages),),
        )
        return {
            number: FoundMessage(number, role, created_at, *snippet_of(text, terms))
            for number, role, created_at, text in found
        }
