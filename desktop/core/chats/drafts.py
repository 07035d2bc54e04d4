"""What is written and not sent, in the chats' database: drafts of questions, edits of messages."""

from collections.abc import Iterable

from desktop.core.chats import rows
from desktop.core.chats.base import StoreBase, reported
from desktop.core.types import FilePart
from desktop.core.types.composing import Draft, EditDraft
from rag.database import transaction


class DraftStore(StoreBase):
    """What `ChatStore` inherits of drafts. 0 is the chat that is not stored yet."""

    @reported
    def save_draft(self, chat: int, text: str) -> None:
        """What was written and not sent. It goes with its chat."""
        self._keep_draft(chat, "text", rows.storable(text), kept=bool(text))

    @reported
    def save_draft_files(self, chat: int, files: Iterable[FilePart]) -> None:
        """Files that are to go with it: apart, as they may be long and change less often than the text."""
        files = tuple(files)
        self._keep_draft(chat, "files", rows.encode(rows.storable_parts(files)), kept=bool(files))

    def _keep_draft(self, chat: int, column: str, value: str, *, kept: bool) -> None:
        with transaction(self._db):
            changed = self._db.execute(
                f"UPDATE drafts SET {column} = ?, saved_at = ? WHERE chat IS ?",  # noqa: S608  our own names
                (value, self._clock(), chat or None),
            )
            if kept and not changed.rowcount:
                if chat:
                    self._info(chat)
                self._db.execute(
                    "INSERT INTO drafts (chat, text, saved_at) VALUES (?, '', ?)",
                    (chat or None, self._clock()),
                )
                self._db.execute(
                    f"UPDATE drafts SET {column} = ? WHERE chat IS ?",  # noqa: S608
                    (value, chat or None),
                )
            self._db.execute(
                "DELETE FROM drafts WHERE chat IS ? AND text = '' AND files = '[]'", (chat or None,)
            )

    @reported
    def drafts(self) -> dict[int, Draft]:
        """By chat."""
        found = self._db.execute("SELECT chat, text, files FROM drafts")
        return {row[0] or 0: Draft(row[1], rows.files(row[2])) for row in found}

    @reported
    def save_edit(self, message: int, text: str | None, files: Iterable[FilePart] = ()) -> None:
        """What a message is to say; None: it is no longer edited. It goes with its message."""
        with transaction(self._db):
            self._db.execute("DELETE FROM edits WHERE message = ?", (message,))
            if text is not None:
                self._message(message)
                self._db.execute(
                    "INSERT INTO edits (message, text, files, saved_at) VALUES (?, ?, ?, ?)",
                    (
                        message,
                        rows.storable(text),
                        rows.encode(rows.storable_parts(tuple(files))),
                        self._clock(),
                    ),
                )

    @reported
    def edits(self) -> tuple[EditDraft, ...]:
        """Every message that is being edited, the one that was written at last at the end."""
        found = self._db.execute(
            "SELECT m.chat, e.message, e.text, e.files FROM edits e JOIN messages m ON m.id = e.message "
            "WHERE m.deleted_with IS NULL ORDER BY e.saved_at, e.message"
        )
        return tuple(EditDraft(row[0], row[1], row[2], rows.files(row[3])) for row in found)
