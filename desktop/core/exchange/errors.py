"""What can go wrong with imports, exports, backups and restores."""

from desktop.core.errors import CoreError


class ImportUnreadable(CoreError):
    """Chats were to come from {path}, which cannot be read; `detail` says why."""

    code = "import_unreadable"


class ImportProtected(CoreError):
    """The archive {path} is encrypted."""

    code = "import_protected"


class ImportTooLarge(CoreError):
    """{path} unpacks to more than any export has, or one chat in it is larger than any chat."""

    code = "import_too_large"


class ImportCut(CoreError):
    """{path} ends in the middle; what stood before the cut was taken."""

    code = "import_cut"


class ImportBroken(CoreError):
    """An entry of {path} is no JSON; `detail` says more."""

    code = "import_broken"


class NoChatsFound(CoreError):
    """{path} holds no chats of a kind that is known."""

    code = "no_chats_found"


class ImportTooNew(CoreError):
    """{path} was written by a newer version: it has format {found}, we know {known}."""

    code = "import_too_new"


class ChatUnreadable(CoreError):
    """A conversation looks like one and cannot be read; `detail` says where."""

    code = "chat_unreadable"


class ChatEmpty(CoreError):
    """A conversation without a message."""

    code = "chat_empty"


class IsBackup(CoreError):
    """{path} is a backup, which is restored, not imported."""

    code = "is_backup"


class ExportNotWritten(CoreError):
    """{path} could not be written; `detail` says why."""

    code = "export_not_written"


class NothingToExport(CoreError):
    """There is no chat to export."""

    code = "nothing_to_export"


class PdfNotMade(CoreError):
    """The process that sets pages could not make {path}; `detail` says why."""

    code = "pdf_not_made"


class NotABackup(CoreError):
    """{path} is no backup of this program."""

    code = "not_a_backup"


class BackupDamaged(CoreError):
    """{part} of the backup {path} is missing or not as it was written; `detail` says more."""

    code = "backup_damaged"


class BackupTooNew(CoreError):
    """The backup {path} was written by a newer version: {found}, we know {known}."""

    code = "backup_too_new"
