"""What the page says of a job and of what came of it. Draws nothing."""

from pathlib import PurePath

from desktop import words
from desktop.core.types import Problem
from desktop.core.types.exchange import BackupInfo, Exported, ImportReport, Restored
from desktop.i18n import _, ngettext, number, size
from desktop.view_models.exchange import Outcome
from desktop.words import exchange as exchange_words


def headline(outcome: Outcome) -> str:
    """What came of it, in a sentence or two."""
    match outcome:
        case ImportReport():
            return exchange_words.summary(outcome)
        case Exported(path, chats):
            text = ngettext("{count} chat is in {path} now.", "{count} chats are in {path} now.", chats)
            return text.format(count=number(chats), path=path)
        case BackupInfo():
            text = _("{path} ({size}) holds {chats} and everything else but models and documents.")
            held = outcome.chats
            told = ngettext("{count} chat", "{count} chats", held).format(count=number(held))
            return text.format(path=outcome.path, size=size(outcome.size_bytes), chats=told)
        case Restored():
            return " ".join(exchange_words.restored_lines(outcome))


def details(outcome: Outcome) -> str:
    """An import chat by chat, to be read and copied; "" where there is nothing more to tell."""
    if not isinstance(outcome, ImportReport):
        return ""
    outcomes = {
        "added": _("came in"),
        "updated": _("grew"),
        "unchanged": _("was here already"),
        "skipped": _("stayed out"),
    }
    lines = [problem(one.problem) for one in outcome.problems]
    # what did not come stands first: it is what a person looks for
    for chat in sorted(outcome.chats, key=lambda one: (one.outcome != "skipped", not one.notes)):
        origin = exchange_words.ORIGINS[chat.origin]
        title = chat.title or _("Chat without a title")
        lines.append(f"{title} ({origin}): {outcomes[chat.outcome]}")
        told = [exchange_words.note(one) for one in chat.notes]
        if chat.problem is not None:
            told.insert(0, words.sentence(chat.problem))
        lines += [f"    {text}" for text in told]
    return "\n".join(lines)


def problem(one: Problem) -> str:
    return " ".join(text for text in (words.sentence(one), words.hint(one)) if text)


def found_backup(backup: BackupInfo) -> str:
    """A backup that was looked into."""
    return f"{PurePath(backup.path).name}\n{exchange_words.backup_line(backup)}"
