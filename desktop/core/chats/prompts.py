"""System prompts in the chats' database: the library with its versions and drafts, and those of chats.

Knows nothing of prompts that came with the program but their keys. Versions are never overwritten.
"""

from collections.abc import Iterable
from uuid import uuid4

import msgspec

from desktop.core.chats import rows
from desktop.core.chats.base import StoreBase, reported
from desktop.core.errors import UnknownPrompt, UnknownPromptVersion
from desktop.core.types.prompts import (
    SEPARATOR,
    Example,
    KeptPrompt,
    Prompt,
    PromptContent,
    PromptInfo,
    PromptVersion,
)
from rag.database import transaction

_contents = msgspec.json.Decoder(PromptContent)
_kept = msgspec.json.Decoder(KeptPrompt)

_LIVING = """SELECT p.key, p.folder, v.number, v.content, v.saved_at, d.content, d.folder
    FROM prompts p JOIN prompt_versions v ON v.prompt = p.key AND v.number = (
        SELECT max(number) FROM prompt_versions WHERE prompt = p.key)
    LEFT JOIN prompt_drafts d ON d.prompt = p.key WHERE p.deleted_at IS NULL"""
_BEGUN = """SELECT prompt, folder, content, saved_at FROM prompt_drafts
    WHERE prompt NOT IN (SELECT key FROM prompts)"""


class PromptStore(StoreBase):
    """What `ChatStore` inherits of prompts. Keys of the person's own are random, and the same in copies."""

    # ── the library ──

    @reported
    def prompts(self) -> tuple[Prompt, ...]:
        """The person's own, and drafts of prompts that were never saved."""
        found = (_prompt(row) for row in self._db.execute(_LIVING))
        drafts = (_begun(row) for row in self._db.execute(_BEGUN))
        return (*found, *drafts)

    @reported
    def prompt(self, key: str) -> Prompt:
        """Raises UnknownPrompt."""
        row = self._db.execute(f"{_LIVING} AND p.key = ?", (key,)).fetchone()
        if row is not None:
            return _prompt(row)
        row = self._db.execute(f"{_BEGUN} AND prompt = ?", (key,)).fetchone()
        if row is not None:
            return _begun(row)
        raise UnknownPrompt(key=key)

    @reported
    def prompt_versions(self, key: str) -> tuple[PromptVersion, ...]:
        """The newest first; none of a draft."""
        found = self._db.execute(
            "SELECT number, saved_at, content FROM prompt_versions WHERE prompt = ? ORDER BY number DESC",
            (key,),
        )
        return tuple(PromptVersion(number, at, _contents.decode(content)) for number, at, content in found)

    @reported
    def save_prompt(self, key: str, content: PromptContent, folder: str) -> Prompt:
        """A new version where the content is another than the newest one's; its draft is done with.

        Key "": a new prompt.
        """
        key, clean = key or new_key(), storable(content)
        with transaction(self._db):
            self._save(key, clean, rows.storable(folder), self._clock())
        return self.prompt(key)

    @reported
    def restore_prompt_version(self, key: str, number: int) -> Prompt:
        """What a version said becomes the newest one. Raises UnknownPrompt, UnknownPromptVersion."""
        prompt = self.prompt(key)
        for version in self.prompt_versions(key):
            if version.number == number:
                return self.save_prompt(key, version.content, prompt.info.folder)
        raise UnknownPromptVersion(number=number)

    @reported
    def save_prompt_draft(self, key: str, content: PromptContent | None, folder: str) -> None:
        """What was written and not saved; None: nothing."""
        with transaction(self._db):
            self._db.execute("DELETE FROM prompt_drafts WHERE prompt = ?", (key,))
            if content is not None:
                self._db.execute(
                    "INSERT INTO prompt_drafts (prompt, folder, content, saved_at) VALUES (?, ?, ?, ?)",
                    (key, rows.storable(folder), rows.encode(storable(content)), self._clock()),
                )

    @reported
    def move_prompt(self, key: str, folder: str) -> None:
        changed = self._db.execute(
            "UPDATE prompts SET folder = ? WHERE key = ? AND deleted_at IS NULL", (rows.storable(folder), key)
        ).rowcount
        changed += self._db.execute(
            "UPDATE prompt_drafts SET folder = ? WHERE prompt = ?", (rows.storable(folder), key)
        ).rowcount
        if not changed:
            raise UnknownPrompt(key=key)

    @reported
    def rename_prompt_folder(self, folder: str, name: str) -> None:
        """All that is in it, in folders that lie in it too; "" takes the prompts out of it, and those folders
        out into the open."""
        new, inside = rows.storable(name), folder + SEPARATOR
        with transaction(self._db):
            for table in ("prompts", "prompt_drafts"):
                self._db.execute(
                    f"UPDATE {table} SET folder = ltrim(? || substr(folder, ?), ?) "  # noqa: S608  our own names
                    "WHERE folder = ? OR substr(folder, 1, ?) = ?",
                    (new, len(folder) + 1, SEPARATOR, folder, len(inside), inside),
                )

    @reported
    def delete_prompt(self, key: str) -> None:
        """Out of sight; `undelete_prompt` brings it back until the store closes; its draft goes for good."""
        with transaction(self._db):
            changed = self._db.execute(
                "UPDATE prompts SET deleted_at = ? WHERE key = ? AND deleted_at IS NULL", (self._clock(), key)
            ).rowcount
            changed += self._db.execute("DELETE FROM prompt_drafts WHERE prompt = ?", (key,)).rowcount
            if not changed:
                raise UnknownPrompt(key=key)

    @reported
    def undelete_prompt(self, key: str) -> Prompt:
        self._db.execute("UPDATE prompts SET deleted_at = NULL WHERE key = ?", (key,))
        return self.prompt(key)

    @reported
    def hide_prompt(self, key: str, hidden: bool) -> None:
        statement = "INSERT OR IGNORE INTO hidden_prompts VALUES (?)"
        if not hidden:
            statement = "DELETE FROM hidden_prompts WHERE prompt = ?"
        self._db.execute(statement, (key,))

    @reported
    def hidden_prompts(self) -> frozenset[str]:
        return frozenset(row[0] for row in self._db.execute("SELECT prompt FROM hidden_prompts"))

    @reported
    def default_prompts(self) -> dict[str, str]:
        """Keys by the models' paths; "": models without one of their own."""
        return dict(self._db.execute("SELECT model, prompt FROM default_prompts").fetchall())

    @reported
    def set_default_prompt(self, model: str, key: str) -> None:
        """Key "": none."""
        with transaction(self._db):
            self._db.execute("DELETE FROM default_prompts WHERE model = ?", (model,))
            if key:
                self._db.execute("INSERT INTO default_prompts VALUES (?, ?)", (model, key))

    @reported
    def add_prompts(
        self, prompts: Iterable[tuple[str, str, tuple[PromptVersion, ...]]]
    ) -> tuple[tuple[str, ...], int]:
        """Prompts from a file, (key, folder, versions from the oldest on), all of them or none.

        One whose key and versions are here already is left alone; one whose key has other versions here
        comes in as a prompt of its own. Gives the keys that were added, and how many were left alone.
        """
        added: list[str] = []
        present = 0
        with transaction(self._db):
            for given, folder, versions in prompts:
                if not versions:  # a draft, which is no prompt yet
                    continue
                key = given or new_key()
                here = tuple(reversed(self.prompt_versions(key)))
                if here and [v.content for v in here] == [storable(v.content) for v in versions]:
                    present += 1
                    self._db.execute("UPDATE prompts SET deleted_at = NULL WHERE key = ?", (key,))
                    continue
                key = new_key() if here else key
                for version in versions:
                    at = version.saved_at or self._clock()  # a text alone does not tell
                    self._save(key, storable(version.content), rows.storable(folder), at)
                added.append(key)
        return tuple(added), present

    @reported
    def add_drafts(self, prompts: Iterable[Prompt]) -> None:
        """What was not saved elsewhere, of prompts that have nothing unsaved here."""
        with transaction(self._db):
            for prompt in prompts:
                if prompt.draft is not None:
                    self._db.execute(
                        "INSERT OR IGNORE INTO prompt_drafts (prompt, folder, content, saved_at) "
                        "VALUES (?, ?, ?, ?)",
                        (prompt.info.key, prompt.info.folder, rows.encode(prompt.draft), self._clock()),
                    )

    # ── of chats ──

    @reported
    def kept_prompt(self, chat: int) -> tuple[str, KeptPrompt]:
        """The text as it was written, and what is stored beside it."""
        self._info(chat)
        text, kept = self._db.execute(
            "SELECT system_prompt, prompt FROM chats WHERE id = ?", (chat,)
        ).fetchone()
        return text, _kept.decode(kept)

    @reported
    def keep_prompt(self, chat: int, text: str, kept: KeptPrompt) -> None:
        clean = storable(PromptContent(kept.name, text, kept.examples, kept.defaults, kept.json_schema))
        values = {rows.storable(name): rows.storable(value) for name, value in kept.values.items()}
        column = rows.encode(
            msgspec.structs.replace(
                kept,
                name=clean.name,
                examples=clean.examples,
                defaults=clean.defaults,
                json_schema=clean.json_schema,
                values=values,
            )
        )
        self._set(chat, "system_prompt = ?, prompt = ?, updated_at = ?", clean.text, column, self._clock())

    @reported
    def has_turns(self, chat: int) -> bool:
        """Whether something was ever said in it, in whatever branch."""
        found = self._db.execute("SELECT EXISTS (SELECT 1 FROM messages WHERE chat = ?)", (chat,))
        return bool(found.fetchone()[0])

    # ── inside a transaction ──

    def _save(self, key: str, content: PromptContent, folder: str, at: float) -> None:
        self._db.execute(
            "INSERT INTO prompts (key, folder, created_at) VALUES (?1, ?2, ?3) "
            "ON CONFLICT (key) DO UPDATE SET folder = ?2, deleted_at = NULL",
            (key, folder, at),
        )
        newest = self._db.execute(
            "SELECT number, content FROM prompt_versions WHERE prompt = ? ORDER BY number DESC LIMIT 1",
            (key,),
        ).fetchone()
        if newest is None or _contents.decode(newest[1]) != content:
            self._db.execute(
                "INSERT INTO prompt_versions (prompt, number, content, saved_at) VALUES (?, ?, ?, ?)",
                (key, newest[0] + 1 if newest else 1, rows.encode(content), at),
            )
        self._db.execute("DELETE FROM prompt_drafts WHERE prompt = ?", (key,))


def _prompt(row: tuple[str, ...]) -> Prompt:
    """A row of _LIVING."""
    key, folder, number, column, saved_at, draft, draft_folder = row
    content = _contents.decode(column)
    shown = folder if draft is None else draft_folder
    info = PromptInfo(
        key,
        content.name,
        shown,
        version=int(number),
        has_draft=draft is not None,
        updated_at=float(saved_at),
    )
    return Prompt(info, content, None if draft is None else _contents.decode(draft))


def _begun(row: tuple[str, ...]) -> Prompt:
    """A row of _BEGUN: a draft that was never saved."""
    key, folder, content, saved_at = row
    draft = _contents.decode(content)
    info = PromptInfo(key, draft.name, folder, has_draft=True, updated_at=float(saved_at))
    return Prompt(info, PromptContent(draft.name), draft)


def new_key() -> str:
    return uuid4().hex


def storable(content: PromptContent) -> PromptContent:
    """With every text such that SQLite and JSON take it."""
    clean = rows.storable
    return PromptContent(
        clean(content.name),
        clean(content.text),
        tuple(Example(clean(one.question), clean(one.reply)) for one in content.examples),
        {clean(name): clean(value) for name, value in content.defaults.items()},
        clean(content.json_schema),
    )
