"""Commands about the library of documents, as values, and how each is carried out. Prints nothing.

A document is named by its number, by its path, or by its file's name where only one is called so.
"""

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any, Literal, Protocol, assert_never

import msgspec

from desktop.core.contract.library import LibraryCore
from desktop.core.contract.scoring import ScoringCore
from desktop.core.contract.secrets import SecretsCore
from desktop.core.contract.upkeep import UpkeepCore
from desktop.core.errors import AmbiguousDocument, Reported
from desktop.core.operations import Operation
from desktop.core.types.scoring import LibraryScore, OwnQuestion
from rag.errors import UnknownCollection, UnknownDocument
from rag.keeping_frames import RemovedThings
from rag.protocol import (
    DEFAULT_COLLECTION,
    Checked,
    CollectionInfo,
    DocumentInfo,
    Rebuilt,
    RemovedCollection,
    WatchedFolder,
)

Wait = Callable[[Operation[Any]], Any]


class ListCollections(msgspec.Struct, frozen=True, tag=True):
    """CollectionsListed."""


class ChangeCollection(msgspec.Struct, frozen=True, tag=True):
    """CollectionsListed, as they are then. `name`: of the collection; to restore one, or its number."""

    action: Literal["create", "rename", "remove", "restore"]
    name: str
    new_name: str = ""


class ListLibrary(msgspec.Struct, frozen=True, tag=True):
    """LibraryListed. No collection: all; `removed`: what lies in the trash."""

    collection: str = ""
    removed: bool = False


class RemoveFromLibrary(msgspec.Struct, frozen=True, tag=True):
    """LibraryChanged. `documents` as this module says; `back`: out of the trash."""

    documents: tuple[str, ...]
    collection: str = ""
    back: bool = False


class EmptyLibraryTrash(msgspec.Struct, frozen=True, tag=True):
    """LibraryChanged."""


class ForgetWatched(msgspec.Struct, frozen=True, tag=True):
    """LibraryChanged. The path is absolute; its documents stay."""

    path: str


class PauseLibrary(msgspec.Struct, frozen=True, tag=True):
    """LibraryChanged."""

    paused: bool


class CheckTheLibrary(msgspec.Struct, frozen=True, tag=True):
    """LibraryChecked. Emits UpkeepProgress."""

    thorough: bool = False


class RebuildTheIndex(msgspec.Struct, frozen=True, tag=True):
    """LibraryRebuilt. Emits UpkeepProgress."""


class ForgetPasswords(msgspec.Struct, frozen=True, tag=True):
    """LibraryChanged. Of one document by its path; "": of all of them."""

    file: str = ""


class Score(msgspec.Struct, frozen=True, tag=True):
    """A person's own questions, and the score they give. "list", "add", "make", "accept" and "drop" end in
    QuestionsListed, "measure" and "take" in LibraryScored; "take" uses the best settings from then on.

    `document` as this module says; `numbers`: of questions; of "accept", none means all.
    """

    action: Literal["measure", "take", "list", "add", "make", "accept", "drop"] = "measure"
    collection: str = DEFAULT_COLLECTION
    text: str = ""
    document: str = ""
    page: int = 1
    numbers: tuple[int, ...] = ()
    count: int = 0


LibraryCommand = (
    ListCollections
    | ChangeCollection
    | ListLibrary
    | RemoveFromLibrary
    | EmptyLibraryTrash
    | ForgetWatched
    | PauseLibrary
    | CheckTheLibrary
    | RebuildTheIndex
    | ForgetPasswords
    | Score
)


class CollectionsListed(msgspec.Struct, frozen=True, tag=True):
    collections: tuple[CollectionInfo, ...]
    folders: tuple[WatchedFolder, ...]
    removed: tuple[RemovedCollection, ...]


class LibraryListed(msgspec.Struct, frozen=True, tag=True):
    documents: tuple[DocumentInfo, ...]
    removed: bool = False


class LibraryChanged(msgspec.Struct, frozen=True, tag=True):
    """`what` was done to `count` documents or folders."""

    what: Literal["removed", "restored", "erased", "unwatched", "paused", "resumed", "forgotten"]
    count: int = 0


class LibraryChecked(msgspec.Struct, frozen=True, tag=True):
    checked: Checked


class LibraryRebuilt(msgspec.Struct, frozen=True, tag=True):
    rebuilt: Rebuilt


class QuestionsListed(msgspec.Struct, frozen=True, tag=True):
    questions: tuple[OwnQuestion, ...]


class LibraryScored(msgspec.Struct, frozen=True, tag=True):
    """`taken`: the settings that were changed."""

    score: LibraryScore
    taken: dict[str, bool | str | int | float] = {}


LibraryResult = (
    CollectionsListed
    | LibraryListed
    | LibraryChanged
    | LibraryChecked
    | LibraryRebuilt
    | QuestionsListed
    | LibraryScored
)


class KeptCore(LibraryCore, UpkeepCore, SecretsCore, ScoringCore, Protocol):
    """What these commands need of a core."""

    def set_setting(self, name: str, value: object) -> Operation[None]: ...


def run_library(  # noqa: C901 - one arm for each command
    core: KeptCore, command: LibraryCommand, wait: Wait
) -> LibraryResult:
    """Carry out `command`; `wait` gives an operation's result. Raises CoreError."""
    match command:
        case ListCollections():
            return _collections(core, wait)
        case ChangeCollection():
            _change(core, command, wait)
            return _collections(core, wait)
        case ListLibrary(collection, removed):
            if removed:
                things: RemovedThings = wait(core.list_removed())
                return LibraryListed(_within(things.documents, collection), removed=True)
            return LibraryListed(wait(core.list_documents(collection or None)))
        case RemoveFromLibrary():
            return _removed(core, command, wait)
        case EmptyLibraryTrash():
            return LibraryChanged("erased", wait(core.erase_removed()))
        case ForgetWatched(path):
            folders: tuple[WatchedFolder, ...] = wait(core.list_watched())
            there = [folder.folder for folder in folders if folder.path == path]
            for folder in there:
                wait(core.forget_folder(folder))
            return LibraryChanged("unwatched", len(there))
        case PauseLibrary(paused):
            wait(core.pause_indexing(paused))
            return LibraryChanged("paused" if paused else "resumed")
        case CheckTheLibrary(thorough):
            return LibraryChecked(wait(core.check_library(thorough=thorough)))
        case RebuildTheIndex():
            return LibraryRebuilt(wait(core.rebuild_library()))
        case ForgetPasswords(file):
            return LibraryChanged("forgotten", wait(core.forget_passwords((file,) if file else ())))
        case Score():
            return _scored(core, command, wait)
        case _:
            assert_never(command)


def _scored(core: KeptCore, command: Score, wait: Wait) -> QuestionsListed | LibraryScored:
    match command.action:
        case "measure" | "take":
            score: LibraryScore = wait(core.score_library(command.collection))
            chosen = score.scores[score.best].variant.settings if command.action == "take" else {}
            for name, value in chosen.items():
                wait(core.set_setting(name, value))
            return LibraryScored(score, chosen)
        case "make":
            return QuestionsListed(wait(core.make_questions(command.collection, command.count)))
        case "add":
            listed: tuple[DocumentInfo, ...] = wait(core.list_documents(command.collection))
            (document,) = _named(listed, (command.document,))
            wait(core.add_question(command.text, document, command.page))
        case "accept":
            for one in wait(core.own_questions(command.collection)):
                if one.number in command.numbers or not (command.numbers or one.accepted):
                    wait(core.accept_question(one.number, one.text))
        case "drop":
            wait(core.drop_questions(command.numbers))
        case "list":
            pass
    return QuestionsListed(wait(core.own_questions(command.collection)))


def _collections(core: LibraryCore, wait: Wait) -> CollectionsListed:
    things: RemovedThings = wait(core.list_removed())
    return CollectionsListed(wait(core.list_collections()), wait(core.list_watched()), things.collections)


def _change(core: LibraryCore, command: ChangeCollection, wait: Wait) -> None:
    match command.action:
        case "create":
            wait(core.create_collection(command.name))
        case "rename":
            wait(core.rename_collection(command.name, command.new_name))
        case "remove":
            wait(core.remove_collection(command.name))
        case "restore":
            things: RemovedThings = wait(core.list_removed())
            found = [one for one in things.collections if command.name in (one.name, str(one.number))]
            if not found:
                raise Reported.of(UnknownCollection(name=command.name))
            wait(core.restore_collection(found[0].number))


def _removed(core: LibraryCore, command: RemoveFromLibrary, wait: Wait) -> LibraryChanged:
    if command.back:
        things: RemovedThings = wait(core.list_removed())
        numbers = _named(_within(things.documents, command.collection), command.documents)
        return LibraryChanged("restored", wait(core.restore_documents(numbers)))
    listed: tuple[DocumentInfo, ...] = wait(core.list_documents(command.collection or None))
    return LibraryChanged("removed", wait(core.remove_documents(_named(listed, command.documents))))


def _within(documents: Sequence[DocumentInfo], collection: str) -> tuple[DocumentInfo, ...]:
    return tuple(info for info in documents if collection in ("", info.collection))


def _named(documents: Sequence[DocumentInfo], names: Sequence[str]) -> tuple[int, ...]:
    """Raises (reported) UnknownDocument, AmbiguousDocument: nothing is done then."""
    numbers: list[int] = []
    for name in names:
        exact = [info for info in documents if name in (str(info.document), info.file)]
        found = exact or [info for info in documents if PurePath(info.file).name == name]
        if not found:
            raise Reported.of(UnknownDocument(document=name))
        if len(found) > 1 and not exact:
            raise AmbiguousDocument(name=name, count=len(found))
        numbers += [info.document for info in found]
    return tuple(dict.fromkeys(numbers))
