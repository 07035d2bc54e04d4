"""The library of prompts as a page shows it: the list, the one that is open and edited, its versions.

What is written and not saved is kept as a draft half a second later. Knows no widget, chooses no words.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, Literal
from uuid import uuid4

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.prompts import SEPARATOR, PartChange, Prompt, PromptContent, PromptInfo, PromptVersion
from desktop.view_models.bridge import follow

SEARCH_PAUSE_MS: Final = 150
DRAFT_PAUSE_MS: Final = 500


class PromptGroup(msgspec.Struct, frozen=True):
    """A heading and its prompts. "own": in no folder; "ready": `name` is the language they are in.

    `path` of a folder with those that it lies in, of which there are `depth`; it has no prompts where only
    folders in it do.
    """

    kind: Literal["own", "folder", "ready"]
    name: str
    prompts: tuple[PromptInfo, ...]
    path: str = ""
    depth: int = 0


def grouped(prompts: tuple[PromptInfo, ...], language: str) -> tuple[PromptGroup, ...]:
    """The person's own, by folder, each above those that lie in it; then what came with the program, in
    `language` first."""
    own = [one for one in prompts if one.own]
    found = [PromptGroup("own", "", tuple(one for one in own if not one.folder))]
    for parts in sorted(_folders(own), key=_spoken):
        path = SEPARATOR.join(parts)
        inside = tuple(one for one in own if one.folder == path)
        found.append(PromptGroup("folder", parts[-1], inside, path, len(parts) - 1))
    spoken_ones = {one.language for one in prompts if not one.own}
    for spoken in sorted(spoken_ones, key=lambda code: code != language):
        ready = tuple(one for one in prompts if not one.own and one.language == spoken)
        found.append(PromptGroup("ready", spoken, ready))
    return tuple(group for group in found if group.prompts or group.kind == "folder")


def _folders(prompts: Iterable[PromptInfo]) -> set[tuple[str, ...]]:
    """Every folder that a prompt is in, and every one that such a folder lies in, part by part."""
    paths = {tuple(one.folder.split(SEPARATOR)) for one in prompts if one.folder}
    return {path[:depth] for path in paths for depth in range(1, len(path) + 1)}


def _spoken(parts: tuple[str, ...]) -> list[str]:
    return [part.casefold() for part in parts]


class PromptLibraryViewModel(QObject):
    """One for the window."""

    listed = Signal()  # `prompts`
    opened = Signal()  # another prompt is open, or what it says is another: fill the editor anew
    state_changed = Signal()  # `unsaved`, `current`
    versions_changed = Signal()  # `versions`, `compared`, `changes`
    deleted_changed = Signal()  # `deleted`
    done = Signal(str, int)  # "imported", "present" or "exported", and how many
    failed = Signal(object)  # a Problem that belongs to the page
    choices_changed = Signal()  # `choices`

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self.prompts: tuple[PromptInfo, ...] = ()
        self.choices: tuple[PromptInfo, ...] = ()  # all that a chat can be given, whatever is searched for
        self.query = ""
        self.hidden = False  # those that the person hid are listed too
        self.current: PromptInfo | None = None
        self.content = PromptContent()  # as it is being edited
        self.folder = ""
        self.saved_content = PromptContent()
        self.versions: tuple[PromptVersion, ...] = ()
        self.compared = 0  # the version that the content is compared with; 0: none
        self.changes: tuple[PartChange, ...] = ()
        self.deleted: PromptInfo | None = None
        self._drafted = True
        self._search_pause = QTimer(self, interval=SEARCH_PAUSE_MS, singleShot=True)
        self._search_pause.timeout.connect(self.refresh)
        self._draft_pause = QTimer(self, interval=DRAFT_PAUSE_MS, singleShot=True)
        self._draft_pause.timeout.connect(self.keep_draft)

    # ── the list ──

    @property
    def folders(self) -> tuple[str, ...]:
        """Every one there is, those that only folders lie in too: "Work/Letters" after "Work"."""
        return tuple(SEPARATOR.join(parts) for parts in sorted(_folders(self.prompts), key=_spoken))

    def refresh(self) -> None:
        asked = (self.query, self.hidden)

        def found(prompts: tuple[PromptInfo, ...]) -> None:
            if asked == (self.query, self.hidden):
                self.prompts = prompts
                self.listed.emit()

        operation = self._core.list_prompts(self.query, hidden=self.hidden)
        follow(operation, self, on_result=found, on_error=self.failed.emit)

    def list_choices(self) -> None:
        """Know what a chat can be given: prompts that are saved and not hidden."""

        def found(prompts: tuple[PromptInfo, ...]) -> None:
            choices = tuple(one for one in prompts if one.version or not one.own)
            if choices != self.choices:
                self.choices = choices
                self.choices_changed.emit()

        follow(self._core.list_prompts("", hidden=False), self, on_result=found, on_error=lambda _: None)

    def search(self, query: str) -> None:
        self.query = query
        self._search_pause.start()

    def show_hidden(self, hidden: bool) -> None:
        self.hidden = hidden
        self.refresh()

    # ── the one that is open ──

    @property
    def unsaved(self) -> bool:
        """Something was written that is no version yet."""
        if self.current is None or not self.current.own:
            return False
        return self.content != self.saved_content or self.folder != self.current.folder

    @property
    def editable(self) -> bool:
        return self.current is not None and self.current.own

    def open(self, key: str) -> None:
        self.keep_draft()
        self._follow(self._core.open_prompt(key), self._show)

    def new(self, folder: str = "") -> None:
        """Begin one; it is stored as soon as something is written."""
        self.keep_draft()
        self._show(Prompt(PromptInfo(uuid4().hex, "", folder), PromptContent()))

    def edit(self, content: PromptContent, folder: str | None = None) -> None:
        """What stands in the editor."""
        folder = self.folder if folder is None else folder
        if not self.editable or (content, folder) == (self.content, self.folder):
            return
        self.content, self.folder = content, folder
        self._drafted = False
        self._draft_pause.start()
        self.state_changed.emit()

    def keep_draft(self) -> None:
        """Keep now what was written and not saved."""
        self._draft_pause.stop()
        if self._drafted or self.current is None:
            return
        self._drafted = True
        draft = self.content if self.unsaved else None
        operation = self._core.save_prompt_draft(self.current.key, draft, self.folder)
        self._follow(operation, lambda _: self.refresh())

    def save(self) -> None:
        """Make what was written a version."""
        if self.current is None:
            return
        self._draft_pause.stop()
        self._drafted = True
        self._changed(self._core.save_prompt(self.current.key, self.content, self.folder))

    def discard(self) -> None:
        """Give up what was written since the last version."""
        if self.current is None:
            return
        current = self.current
        self._draft_pause.stop()
        self._drafted = True

        def gone(_: None) -> None:
            if current.version:
                self.open(current.key)
            else:
                self._close()
            self.refresh()

        self._follow(self._core.save_prompt_draft(current.key, None), gone)

    def duplicate(self) -> None:
        if self.current is not None:
            self.keep_draft()
            self._changed(self._core.duplicate_prompt(self.current.key))

    def delete(self) -> None:
        """Out of the library; `undo_delete` brings it back."""
        if self.current is None:
            return
        current = self.current
        self._draft_pause.stop()
        self._drafted = True

        def gone(_: None) -> None:
            self.deleted = current if current.version else None
            self.deleted_changed.emit()
            self._close()
            self.refresh()

        self._follow(self._core.delete_prompt(current.key), gone)

    def undo_delete(self) -> None:
        deleted, self.deleted = self.deleted, None
        self.deleted_changed.emit()
        if deleted is not None:
            self._changed(self._core.undelete_prompt(deleted.key))

    def forget_deleted(self) -> None:
        if self.deleted is not None:
            self.deleted = None
            self.deleted_changed.emit()

    def rename_folder(self, name: str) -> None:
        """The folder that the open prompt is in, with all that is in it; "" takes the prompts out of it."""
        if self.current is None or not self.current.folder:
            return
        self.keep_draft()
        key, folder = self.current.key, self.current.folder

        def renamed(_: None) -> None:
            self.open(key)
            self.refresh()

        self._follow(self._core.rename_prompt_folder(folder, name), renamed)

    def hide(self, hidden: bool) -> None:
        """Of what came with the program."""
        if self.current is None:
            return
        self.current = replace(self.current, hidden=hidden)
        self.state_changed.emit()
        self._follow(self._core.hide_prompt(self.current.key, hidden), lambda _: self.refresh())

    # ── versions ──

    def compare(self, number: int) -> None:
        """Tell how a version differs from what stands in the editor; 0: no comparison any more."""
        self.compared, self.changes = number, ()
        before = next((one.content for one in self.versions if one.number == number), None)
        if before is None:
            self.compared = 0
            self.versions_changed.emit()
            return
        after = self.content

        def compared(changes: tuple[PartChange, ...]) -> None:
            if self.compared == number and after == self.content:
                self.changes = changes
                self.versions_changed.emit()

        self._follow(self._core.compare_prompts(before, after), compared)

    def restore(self) -> None:
        """Make the compared version the newest one."""
        if self.current is not None and self.compared:
            self._draft_pause.stop()
            self._drafted = True
            key, number = self.current.key, self.compared
            restoring = self._core.restore_prompt_version(key, number)
            self._changed(restoring)

    # ── files ──

    def import_file(self, path: str) -> None:
        def imported(result: Any) -> None:
            self.done.emit("imported" if result.added else "present", len(result.added) or result.present)
            if result.added:
                self.open(result.added[0])
            self.refresh()

        self._follow(self._core.import_prompts(path), imported)

    def export(self, path: str, *, only_current: bool = False) -> None:
        """All of the person's own, or the one that is open."""
        keys = (self.current.key,) if only_current and self.current is not None else ()
        self._follow(self._core.export_prompts(path, keys), lambda count: self.done.emit("exported", count))

    def set_default(self, *, chosen: bool, model: str = "") -> None:
        """Begin new chats with the one that is open, or no longer; those with one model, by its path."""
        if self.current is None:
            return
        key = self.current.key

        def done(_: None) -> None:
            self.refresh()
            if self.current is not None and self.current.key == key:
                others = tuple(path for path in self.current.default_for if path != model)
                models = (*others, model) if chosen else others
                self.current = replace(self.current, default_for=models)
                self.state_changed.emit()

        self._follow(self._core.set_default_prompt(key if chosen else "", model=model), done)

    # ── with the core ──

    def _show(self, prompt: Prompt) -> None:
        self.current = prompt.info
        self.saved_content = prompt.content
        self.content = prompt.draft or prompt.content
        self.folder = prompt.info.folder
        self._drafted = True
        self.versions, self.compared, self.changes = (), 0, ()
        self.opened.emit()
        self.state_changed.emit()
        self.versions_changed.emit()
        if prompt.info.version:
            key = prompt.info.key

            def found(versions: tuple[PromptVersion, ...]) -> None:
                if self.current is not None and self.current.key == key:
                    self.versions = versions
                    self.versions_changed.emit()

            self._follow(self._core.prompt_versions(key), found)

    def leave(self) -> None:
        """Close the one that is open; what was written in it is kept."""
        self.keep_draft()
        self._close()

    def _close(self) -> None:
        self.current = None
        self.content = self.saved_content = PromptContent()
        self.versions, self.compared, self.changes = (), 0, ()
        self.opened.emit()
        self.state_changed.emit()
        self.versions_changed.emit()

    def _changed(self, operation: Operation[Prompt]) -> None:
        def changed(prompt: Prompt) -> None:
            self._show(prompt)
            self.refresh()

        self._follow(operation, changed)

    def _follow(self, operation: Operation[Any], then: Callable[[Any], None]) -> None:
        def failed(problem: Problem) -> None:
            self.failed.emit(problem)

        follow(operation, self, on_result=then, on_error=failed)
