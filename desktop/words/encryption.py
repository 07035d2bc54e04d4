"""What a person reads when encrypted chats and documents cannot be opened, or cannot be made such."""

from collections.abc import Mapping

from desktop.i18n import N_

# code: (what happened, what to do), as in desktop.words.problems
ENCRYPTION_PROBLEMS: Mapping[str, tuple[str, str]] = {
    "database_key": (
        N_("{file} is encrypted, and its key is not here."),
        N_("Put the file encryption.json that belongs to it back beside it. Nothing was changed."),
    ),
}
