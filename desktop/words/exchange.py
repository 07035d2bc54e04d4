"""Words about chats that come in and go out, and about backups: problems, notes, reports, labels.

How a problem is looked up and filled in stands in desktop.words.
"""

from collections.abc import Mapping
from typing import assert_never

from desktop import i18n
from desktop.core.chats.leftovers import KEPT_DAYS
from desktop.core.exchange.conversations import Note, Origin
from desktop.core.types.exchange import (
    BackupInfo,
    BackupProgress,
    ExchangeEvent,
    ExportFormat,
    ExportingChats,
    ExportWords,
    ImportingChats,
    ImportReport,
    Restored,
)
from desktop.i18n import N_, _, ngettext, number, percent

# code: (what happened, what to do), as in desktop.words.problems
EXCHANGE_PROBLEMS: Mapping[str, tuple[str, str]] = {
    "import_unreadable": (
        N_("{path} cannot be read."),
        N_("Look whether it is there and whether you may read it, or fetch the export once more."),
    ),
    "import_protected": (
        N_("{path} is protected with a password."),
        N_("Unpack it first, then import the folder."),
    ),
    "import_too_large": (
        N_("{path} unpacks to more than any export holds."),
        N_("Unpack it yourself and import the part with the conversations."),
    ),
    "import_cut": (
        N_("{path} ends in the middle. What stood before was taken."),
        N_("Fetch the export once more and import it too: nothing comes twice."),
    ),
    "import_broken": (
        N_("A part of {path} cannot be understood and was left out."),
        N_("Fetch the export once more if something is missing."),
    ),
    "no_chats_found": (
        N_("There are no chats in {path} that Sobremesa knows how to read."),
        N_("Exports of ChatGPT, Claude, Open WebUI, LM Studio, Jan and Sobremesa can be imported."),
    ),
    "import_too_new": (
        N_("{path} was written by a newer Sobremesa."),
        N_("Bring this one up to date first."),
    ),
    "chat_unreadable": (
        N_("This conversation cannot be understood."),
        N_("It was left out; the others came."),
    ),
    "chat_empty": (N_("There is no message in it."), N_("There is nothing of it to bring in.")),
    "is_backup": (
        N_("{path} is a backup of Sobremesa."),
        N_("Restore it in the settings, under “Your data”, or with: sobremesa chats restore FILE"),
    ),
    "export_not_written": (
        N_("{path} could not be written."),
        N_("Choose another folder, or make some room on the disk. Nothing was changed."),
    ),
    "nothing_to_export": (N_("There is no chat to export."), N_("Write something first.")),
    "pdf_not_made": (
        N_("The PDF could not be made."),
        N_("Export as HTML instead, and print that from your browser."),
    ),
    "not_a_backup": (
        N_("{path} is no backup of Sobremesa."),
        N_("Choose the file that “Back up” or “sobremesa chats backup” has written."),
    ),
    "backup_damaged": (
        N_("The backup {path} is damaged, so nothing was restored."),
        N_("Fetch the file once more from where you keep it, or take another backup."),
    ),
    "backup_too_new": (
        N_("The backup {path} was made by a newer Sobremesa."),
        N_("Bring this one up to date first. Nothing was changed."),
    ),
}

ORIGINS: Mapping[Origin, str] = {
    "sobremesa": "Sobremesa",
    "chatgpt": "ChatGPT",
    "claude": "Claude",
    "openwebui": "Open WebUI",
    "lmstudio": "LM Studio",
    "jan": "Jan",
}


def export_words() -> ExportWords:
    """What an export says between the messages, in the language in use."""
    return ExportWords(
        language=i18n.language(),
        you=_("You"),
        assistant=_("Assistant"),
        system=_("System prompt"),
        thoughts=_("Thoughts"),
        sources=_("Sources"),
        page=_("page {page}"),
        attached=_("Attached file"),
        contents=_("Chats"),
        untitled=_("Chat without a title"),
        stopped=_("The reply was stopped here."),
        examples=_("Examples"),
        found_afterwards=_("found afterwards"),
    )


def format_label(form: ExportFormat) -> str:
    """What a format is good for."""
    return {
        "markdown": _("Markdown, to go on writing"),
        "html": _("HTML, to read in a browser"),
        "pdf": _("PDF, to print"),
        "json": _("JSON, with everything in it"),
    }[form]


def progress(event: ExchangeEvent) -> str:
    """How far it is."""
    match event:
        case ImportingChats(done, total, chats):
            count = ngettext("{count} chat", "{count} chats", chats).format(count=number(chats))
            share = f" {percent(min(1.0, done / total))}" if total else ""
            return _("Importing…{share} ({chats})").format(share=share, chats=count)
        case ExportingChats(done, total):
            return _("Exporting… {done} of {total}").format(done=number(done), total=number(total))
        case BackupProgress(stage, done):
            stages = {
                "copying": _("Copying your chats… {share}"),
                "packing": _("Packing… {share}"),
                "checking": _("Checking the backup… {share}"),
                "keeping": _("Keeping what is here… {share}"),
                "restoring": _("Restoring… {share}"),
            }
            return stages[stage].format(share=percent(done))
        case _:
            assert_never(event)


def note(one: Note) -> str:
    """What of a conversation stayed behind or was mended."""
    count = number(one.count)
    match one.kind:
        case "broken_messages":
            text = ngettext("{count} message was damaged", "{count} messages were damaged", one.count)
        case "doubled_messages":
            text = ngettext("{count} message was there twice", "{count} messages were there twice", one.count)
        case "lost_parents":
            text = ngettext(
                "{count} message had lost what it answers",
                "{count} messages had lost what they answer",
                one.count,
            )
        case "circles":
            text = ngettext("{count} circle was cut", "{count} circles were cut", one.count)
        case "images":
            text = ngettext("{count} image stayed behind", "{count} images stayed behind", one.count)
        case "sounds":
            text = ngettext("{count} recording stayed behind", "{count} recordings stayed behind", one.count)
        case "files":
            text = ngettext("{count} file stayed behind", "{count} files stayed behind", one.count)
        case "unknown_content":
            text = ngettext(
                "{count} part of an unknown kind stayed behind",
                "{count} parts of an unknown kind stayed behind",
                one.count,
            )
        case _:
            assert_never(one.kind)
    names = ", ".join(one.names)
    return text.format(count=count) + (f" ({names})" if names else "")


def summary(report: ImportReport) -> str:
    """An import in one sentence or two."""
    counts = (
        (report.count("added"), _("new: {count}")),
        (report.count("updated"), _("grown: {count}")),
        (report.count("unchanged"), _("here already: {count}")),
        (report.count("skipped"), _("left out: {count}")),
    )
    told = ", ".join(text.format(count=number(many)) for many, text in counts if many)
    chats = ngettext("{count} chat", "{count} chats", len(report.chats)).format(
        count=number(len(report.chats))
    )
    told = f"{told[:1].upper()}{told[1:]}" or _("None of them came")
    line = _("{chats} found. {told}.").format(chats=chats, told=told)
    return f"{line} {_('You stopped it there.')}" if report.cancelled else line


def backup_line(backup: BackupInfo) -> str:
    """What a backup holds, and from when it is."""
    chats = ngettext("{count} chat", "{count} chats", backup.chats).format(count=number(backup.chats))
    messages = ngettext("{count} message", "{count} messages", backup.messages).format(
        count=number(backup.messages)
    )
    prompts = ngettext("{count} prompt", "{count} prompts", backup.prompts).format(
        count=number(backup.prompts)
    )
    text = _("Backup of {when}: {chats}, {messages}, {prompts}, and your settings.")
    return text.format(
        when=i18n.date_and_time(backup.created_at), chats=chats, messages=messages, prompts=prompts
    )


def restored_lines(restored: Restored) -> list[str]:
    """What a restore did, one thing in each line."""
    if restored.kept_as:
        return [
            _("Everything is as it was in the backup."),
            _("What was here before is in {path} for {days} days. Copy it if you want to keep it.").format(
                path=restored.kept_as, days=KEPT_DAYS
            ),
        ]
    if not (restored.added or restored.updated or restored.prompts):
        return [_("All of the backup was here already.")]
    counts = (
        (restored.added, _("chats that came back: {count}")),
        (restored.updated, _("chats that got back what they had lost: {count}")),
        (restored.unchanged, _("chats that were here already: {count}")),
        (restored.prompts, _("prompts that came back: {count}")),
    )
    told = ", ".join(text.format(count=number(many)) for many, text in counts if many)
    return [f"{told[0].upper()}{told[1:]}."]
