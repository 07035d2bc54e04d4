"""rag's error tree. Codes and parameters only: words are chosen where a person reads them."""

from typing import ClassVar

import msgspec

Param = str | int | float


class ErrorInfo(msgspec.Struct, frozen=True):
    """An error as it crosses a process border: code, parameters, and native detail for the log."""

    code: str
    params: dict[str, Param] = {}
    detail: str = ""


class RagError(Exception):
    """Root of what the library can refuse or fail at."""

    code: ClassVar[str] = "rag_error"

    def __init__(self, detail: str = "", **params: Param) -> None:
        super().__init__(f"{self.code} {params} {detail}".strip())
        self.params = params
        self.detail = detail

    def info(self) -> ErrorInfo:
        return ErrorInfo(self.code, dict(self.params), self.detail)


class Forwarded(RagError):
    """An error of another process, handed on as it came."""

    def __init__(self, error: ErrorInfo) -> None:
        super().__init__(error.detail, **error.params)
        self._error = error

    def info(self) -> ErrorInfo:
        return self._error


# A file that cannot become a document. Every one carries `file`.


class DocumentError(RagError):
    code = "document_error"


class DocumentMissing(DocumentError):
    code = "document_missing"


class DocumentUnreadable(DocumentError):
    """No permission."""

    code = "document_unreadable"


class DocumentEmpty(DocumentError):
    """No bytes, or no page."""

    code = "document_empty"


class DocumentNameUnreadable(DocumentError):
    """{file} has a name that is not UTF-8 text: neither a frame nor the library can hold it."""

    code = "document_name"


class DocumentDamaged(DocumentError):
    code = "document_damaged"


class DocumentEncrypted(DocumentError):
    """Needs a password."""

    code = "document_encrypted"


class WrongPassword(DocumentError):
    code = "document_wrong_password"


class DocumentWithoutText(DocumentError):
    """{pages} pages, none with text to search: most likely a scan."""

    code = "document_no_text"


class DocumentProtected(DocumentError):
    """Locked in a way that no password given here opens: a protected Office file, a book with rights."""

    code = "document_protected"


class DocumentTooLarge(DocumentError):
    """{file} unpacks to more than {limit_mb} MB."""

    code = "document_too_large"


class UnknownFormat(DocumentError):
    """Not a kind of file that we read: {suffix}."""

    code = "document_unknown_format"


class NotText(DocumentError):
    """{file} is neither a PDF nor text in any encoding that we know."""

    code = "document_not_text"


class DocumentTooLong(DocumentError):
    """{file} has more than {limit} characters, which is more than can be given to a question."""

    code = "document_too_long"


class ReaderDied(DocumentError):
    """The reader process ended or went past its limits on this file."""

    code = "document_killed_reader"


class EmptyFolder(DocumentError):
    """{file} is a folder without a document."""

    code = "folder_empty"


# The library itself.


class LibraryError(RagError):
    code = "library_error"


class DiskFull(LibraryError):
    """No room left on the disk of {folder}."""

    code = "disk_full"


class LibraryInUse(LibraryError):
    code = "library_in_use"


class IndexUnbuildable(LibraryError):
    """The vector index in {folder} cannot be made anew: searching goes on without it, by comparing all."""

    code = "index_unbuildable"


class UnknownCollection(LibraryError):
    """No collection {name}."""

    code = "unknown_collection"


class BadCollectionName(LibraryError):
    """{name} is empty, or longer than {limit} characters."""

    code = "bad_collection_name"


class CollectionExists(LibraryError):
    """There is a collection {name} already."""

    code = "collection_exists"


class DefaultCollection(LibraryError):
    """The collection that is always there can be neither renamed nor removed."""

    code = "default_collection"


class FolderNotWatched(LibraryError):
    """No folder of the number {folder} is watched."""

    code = "folder_not_watched"


class FolderGone(LibraryError):
    """{folder} cannot be found: what was indexed of it stays."""

    code = "folder_gone"


class FolderEmptied(LibraryError):
    """{folder} holds no documents any more, all at once: what was indexed of it stays."""

    code = "folder_emptied"


class FolderUnreadable(LibraryError):
    """{folder} may not be looked through."""

    code = "folder_unreadable"


class UnknownDocument(LibraryError):
    code = "unknown_document"


class UnknownPage(LibraryError):
    """{document} has {pages} pages, and no {page}."""

    code = "unknown_page"


# Databases, whoever's they are: rag.database opens all of them. Every one carries `file`.


class DatabaseError(RagError):
    """SQLite refused something that none of the classes below names; `detail` has its words."""

    code = "database_error"


class DatabaseDamaged(DatabaseError):
    """{file} is not a database, or contradicts itself. `kept_as`, where set, is where it was put;
    `folder`, where set, has to be moved away by the person."""

    code = "database_damaged"


class DatabaseKey(DatabaseError):
    """{file} is encrypted, and not with the key that this program has; nothing of it is damaged."""

    code = "database_key"


class DatabaseTooNew(DatabaseError):
    """{file} was written by a later version: schema {found}, this one knows {known}."""

    code = "database_too_new"


class DatabaseUnreadable(DatabaseError):
    """{file} may not be read or written by this user, or its disk fails."""

    code = "database_unreadable"


class DatabaseLocked(DatabaseError):
    """Another program kept {file} locked for longer than we wait."""

    code = "database_locked"


# A Chroma server. Every one carries `host` and `port`.


class ServerError(RagError):
    """It answered with an error of its own, or ended in the middle of an answer."""

    code = "server_failed"


class ServerDown(ServerError):
    """Nothing answers there."""

    code = "server_down"


class ServerRefused(ServerError):
    """It does not take our token, or wants one."""

    code = "server_refused"


class ServerStrange(ServerError):
    """What answers is no Chroma server, or one of a version that we do not speak: {found}."""

    code = "server_strange"


class ServerCertificate(ServerError):
    """Its certificate is not one that this machine trusts, or it does not speak TLS."""

    code = "server_certificate"


class ServerModelDiffers(ServerError):
    """{name} was embedded by another model than the one in use here."""

    code = "server_model"


# Workers and the embedding model.


class EmbedderError(RagError):
    code = "embedder_error"


class EmbedderMissing(EmbedderError):
    """No embedding model at {path}."""

    code = "embedder_missing"


class EmbedderDamaged(EmbedderError):
    code = "embedder_damaged"


class EmbedderNeedsAddOn(EmbedderError):
    """The model at {path} is read by sentence-transformers, which is not installed."""

    code = "embedder_needs_add_on"


class EmbedderPickle(EmbedderError):
    """The weights in {path} are a pickle, {file}: reading one can run whatever it holds."""

    code = "embedder_pickle"


class EmbedderKills(EmbedderError):
    """The model at {path} ended its process again and again: it is not tried any more until it is chosen
    anew or its file changes."""

    code = "embedder_kills"


class RerankerError(RagError):
    code = "reranker_error"


class RerankerMissing(RerankerError):
    """No reranker at {path}."""

    code = "reranker_missing"


class RerankerDamaged(RerankerError):
    """What stands at {path} cannot be read."""

    code = "reranker_damaged"


class NotAReranker(RerankerError):
    """What stands at {path} is a model of another kind."""

    code = "not_a_reranker"


class RerankerSlow(RerankerError):
    """No answer came in time: the search went on without it."""

    code = "reranker_slow"


class RerankerKills(RerankerError):
    """The reranker at {path} ended its process again and again: it is not asked any more until it is chosen
    anew."""

    code = "reranker_kills"


class WorkerDied(RagError):
    """{worker} ended: {how}; `detail` has its last log lines."""

    code = "worker_died"


class WorkerStartFailed(RagError):
    code = "worker_start_failed"


class Cancelled(RagError):
    """The request was taken back."""

    code = "cancelled"
