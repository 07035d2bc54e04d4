"""Two branches of a chat that are compared: where each stands, and turns that both get at once.

The chat's column `comparison` says where they stand. It counts while the chat shows one of them: who went on
elsewhere compares anew from there.
"""

from collections.abc import Iterable, Mapping

import msgspec

from desktop.core.chats import rows
from desktop.core.chats.base import StoreBase, reported
from desktop.core.errors import UnknownMessage
from desktop.core.types import Part, StoredMessage
from desktop.core.types.comparing import ComparedSide, Comparison, KeptSide, Side
from rag.database import transaction

Turn = tuple[StoredMessage, StoredMessage]  # a question and its reply

_kept = msgspec.json.Decoder(tuple[KeptSide, KeptSide])


class ComparingStore(StoreBase):
    """What `ChatStore` inherits of comparisons."""

    @reported
    def comparison(self, chat: int) -> Comparison:
        """Both sides with their paths. Where none is kept, both are what the chat shows."""
        shown = self._chat(chat)
        kept = self._kept_sides(chat)
        if kept is None:
            alike = ComparedSide(Side(), shown.messages)
            return Comparison(shown.info, (alike, alike), kept=False)
        first, second = (ComparedSide(one.side, self._path(one.leaf)) for one in kept)
        return Comparison(shown.info, (first, second))

    @reported
    def add_compared_turns(
        self, chat: int, parts: Iterable[Part], sides: tuple[Side, Side], models: tuple[str, str]
    ) -> tuple[Turn, Turn]:
        """A question after each branch, and an empty streaming reply to it; the chat shows the first.

        Where both stand at the same message, they share the question.
        """
        content = rows.storable_parts(parts)
        with transaction(self._db):
            title = self._info(chat).title
            kept = self._kept_sides(chat)
            (shown,) = self._db.execute("SELECT active_leaf FROM chats WHERE id = ?", (chat,)).fetchone()
            leaves = (kept[0].leaf, kept[1].leaf) if kept else (shown, shown)
            questions = [self._asked(chat, leaf, content) for leaf in dict.fromkeys(leaves)]
            asked = (questions[0], questions[-1])
            first, second = (
                self._insert(chat, question, "assistant", (), "streaming", model)
                for question, model in zip(asked, models, strict=True)
            )
            if not title:
                self._title(chat, rows.title_of(rows.asked(content)), "question")
            self._activate(chat, first)
            self._keep_sides(chat, (KeptSide(sides[0], first), KeptSide(sides[1], second)))
        return (
            (self._message(asked[0]), self._message(first)),
            (self._message(asked[1]), self._message(second)),
        )

    @reported
    def add_compared_reply(self, chat: int, side: int, model: str) -> Turn:
        """One more empty streaming reply to a side's last question, where the side stands from now on.

        Raises UnknownMessage where nothing is compared.
        """
        kept = self._kept_sides(chat)
        if kept is None:
            raise UnknownMessage(message=0)
        old = self._message(kept[side].leaf)
        if old.role != "assistant" or old.parent is None:
            raise UnknownMessage(message=old.id)
        with transaction(self._db):
            (shown,) = self._db.execute("SELECT active_leaf FROM chats WHERE id = ?", (chat,)).fetchone()
            new = self._insert(chat, old.parent, "assistant", (), "streaming", model)
            self._activate(chat, new if shown == old.id else shown)
            now = KeptSide(kept[side].side, new)
            self._keep_sides(chat, (now, kept[1]) if side == 0 else (kept[0], now))
        return self._message(old.parent), self._message(new)

    @reported
    def end_comparison(self, chat: int, side: int) -> Side:
        """Show the branch of a side, and no longer compare. Raises UnknownMessage where none is kept."""
        kept = self._kept_sides(chat)
        if kept is None:
            raise UnknownMessage(message=0)
        with transaction(self._db):
            self._activate(chat, kept[side].leaf)
            self._set(chat, "comparison = ''")
        return kept[side].side

    def _asked(self, chat: int, leaf: int | None, content: tuple[Part, ...]) -> int:
        question = self._insert(chat, leaf, "user", content, "complete", "")
        self._index(question, content)
        return question

    def _keep_sides(self, chat: int, sides: tuple[KeptSide, KeptSide]) -> None:
        self._set(chat, "comparison = ?", rows.encode(sides))

    def _renumber_comparison(self, chat: int, numbers: Mapping[int, int]) -> None:
        """Have a copied chat compare its own branches: `numbers` of its messages by those that they had."""
        (column,) = self._db.execute("SELECT comparison FROM chats WHERE id = ?", (chat,)).fetchone()
        if not column:
            return
        first, second = _kept.decode(column)
        if first.leaf not in numbers or second.leaf not in numbers:
            self._set(chat, "comparison = ''")
            return
        here = (KeptSide(first.side, numbers[first.leaf]), KeptSide(second.side, numbers[second.leaf]))
        self._keep_sides(chat, here)

    def _kept_sides(self, chat: int) -> tuple[KeptSide, KeptSide] | None:
        """None where nothing is compared, a branch is gone, or the chat went on in another one."""
        column, shown = self._db.execute(
            "SELECT comparison, active_leaf FROM chats WHERE id = ?", (chat,)
        ).fetchone()
        if not column:
            return None
        kept = _kept.decode(column)
        if shown not in (kept[0].leaf, kept[1].leaf) or not all(self._is_of(chat, one.leaf) for one in kept):
            return None
        return kept

    def _is_of(self, chat: int, message: int) -> bool:
        found = self._db.execute(
            "SELECT 1 FROM messages WHERE id = ? AND chat = ? AND deleted_with IS NULL", (message, chat)
        )
        return found.fetchone() is not None
