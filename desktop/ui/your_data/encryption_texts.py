"""What the card of encryption says: what is the case, what it costs, and what stays outside."""

from desktop.core.types.encryption import EncryptionState
from desktop.i18n import _


def state_sentence(state: EncryptionState, *, changed: bool) -> str:
    """`changed`: the passphrase is another one since a moment ago."""
    match state:
        case "on" if changed:
            return _("From now on the new passphrase opens your chats and documents.")
        case "on":
            return _("On. Sobremesa asks for the passphrase when it starts.")
        case "unfinished":
            return _("Not everything has been converted yet. Sobremesa goes on when it starts the next time.")
        case "missing":
            return _("This Sobremesa cannot encrypt: the part that does it is missing.")
        case "off":
            return _(
                "Off. Your chats and documents can be encrypted on the disk, with a passphrase that"
                " Sobremesa asks for when it starts."
            )


def running_sentence(*, sealing: bool) -> str:
    if sealing:
        return _("Encrypting. A large library takes some minutes. If it is interrupted, it goes on later.")
    return _("Making everything plain again. If it is interrupted, it goes on later.")


def warning(*, sealing: bool) -> str:
    if sealing:
        return _(
            "If you forget the passphrase, your chats and what was read from your documents are lost for"
            " good. There is no second way in, and nobody can give you a new one. Write it down and keep it"
            " in a safe place."
        )
    return _("Whoever has this disk can then read your chats and what was read from your documents.")


def outside() -> tuple[str, ...]:
    """What is encrypted, what is not, and what goes: a paragraph each."""
    return (
        _(
            "Encrypted: chats, drafts, attached files, prompts, what was read from your documents, and the"
            " copies of these that Sobremesa keeps for safety."
        ),
        _(
            "Not encrypted: settings and presets, the workshop, what you export, the backups you make, and"
            " the documents themselves. Old blocks of a solid-state disk may still hold what was written"
            " before."
        ),
        _(
            "Deleted: the index of vectors and what models remember of chats, so that answers in long chats"
            " and from large libraries begin later; and damaged files that were put aside."
        ),
    )
