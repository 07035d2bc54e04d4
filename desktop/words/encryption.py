"""What a person reads when encrypted chats and documents cannot be opened, or cannot be made such."""

from collections.abc import Mapping

from desktop.i18n import N_

# code: (what happened, what to do), as in desktop.words.problems
ENCRYPTION_PROBLEMS: Mapping[str, tuple[str, str]] = {
    "database_key": (
        N_("{file} is encrypted, and its key is not here."),
        N_("Put the file encryption.json that belongs to it back beside it. Nothing was changed."),
    ),
    "passphrase_needed": (
        N_("Your chats and documents are encrypted."),
        N_("Open Sobremesa and type the passphrase, or name a file that holds it with --passphrase-file."),
    ),
    "passphrase_wrong": (
        N_("This is not the passphrase."),
        N_("Look at capital letters and the keyboard’s language, and try once more."),
    ),
    "passphrase_short": (
        N_("A passphrase needs at least {least} characters."),
        N_("Several words that belong together for you alone are easy to keep and hard to guess."),
    ),
    "passphrase_unreadable": (
        N_("No passphrase could be read from {path}."),
        N_("Its first line has to be the passphrase, in UTF-8."),
    ),
    "key_file_damaged": (
        N_("The key of your encrypted chats cannot be read: {file} and its copy are damaged."),
        N_("Put one of them back from a copy of the folder. Without it, nothing can be opened."),
    ),
    "key_file_newer": (
        N_("Your chats were encrypted by a newer Sobremesa."),
        N_("Open them with that one. Nothing was changed."),
    ),
    "encryption_missing": (
        N_("This Sobremesa cannot encrypt: the part that does it is missing."),
        N_("Install it anew, with everything that belongs to it."),
    ),
    "encryption_differs": (
        N_("Somebody else has changed the encryption meanwhile."),
        N_("Open the page “Your data” once more and look."),
    ),
}
