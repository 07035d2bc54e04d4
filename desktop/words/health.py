"""What a person reads of the state of the whole installation: a sentence for each finding, and what to do."""

from collections.abc import Mapping

from desktop import i18n
from desktop.core.types import Problem
from desktop.core.types.health import Area, Finding, Health
from desktop.i18n import N_, _, ngettext, number
from desktop.words import filled, hint, sentence
from desktop.words.library import fault_remedy, fault_sentence

# kind: (what is found, what to do about it; "" where there is nothing to do)
HEALTH_WORDS: Mapping[str, tuple[str, str]] = {
    "program": (N_("Sobremesa {version} with Python {python} on {system}."), ""),
    "parts_here": (N_("All parts of the program are there."), ""),
    "parts_missing": (
        N_("Parts of the program are missing: {names}."),
        N_("Install Sobremesa again. Your chats and documents stay as they are."),
    ),
    "texts_missing": (
        N_("The Spanish texts are missing."),
        N_("Install Sobremesa again, or use it in English."),
    ),
    "scans_read": (N_("Scanned pages are read, in Spanish and English."), ""),
    "scans_unread": (
        N_("Scanned pages stay pictures: Tesseract is not installed."),
        N_("Install Tesseract with its Spanish and English data if you have scans."),
    ),
    "scan_languages": (
        N_("Tesseract lacks languages: {names}."),
        N_("Install its data for these languages if you have scans in them."),
    ),
    "device": (N_("{name}: {free_bytes} of {total_bytes} are free for models."), ""),
    "no_model": (
        N_("There is no chat model here that can be used."),
        N_("Download one on the page “Models”, or put a GGUF file into the models folder."),
    ),
    "model_gone": (
        N_("The chosen chat model {path} is gone."),
        N_("Choose another model, or bring the file back to where it was."),
    ),
    "search_model_here": (N_("A search model for documents is there."), ""),
    "search_model_gone": (
        N_("The chosen search model {path} is gone."),
        N_("Choose another one in the settings. What was indexed is kept."),
    ),
    "no_search_model": (
        N_("There is no search model: documents are searched by words alone."),
        N_("Download one in the settings under “Documents”."),
    ),
    "no_chats_yet": (N_("There are no chats yet."), ""),
    "chats_locked": (
        N_("Your chats are encrypted: without the passphrase nobody can look at them."),
        N_("Open Sobremesa, or name a file with the passphrase: --passphrase-file FILE"),
    ),
    "chats_damaged": (
        N_("The file that holds your chats is damaged."),
        N_("Repair: all that can still be read is saved when Sobremesa starts the next time."),
    ),
    "chats_waiting": (
        N_("The file that holds your chats is damaged, and is mended at the next start."),
        N_("Close Sobremesa and start it again: it then says how much was saved."),
    ),
    "chat_words_wrong": (
        N_("The search in your chats misses words."),
        N_("Repair: its index is made anew from your chats."),
    ),
    "disk_room": (N_("{free_bytes} are free where {folder} lies."), ""),
    "disk_low": (
        N_("Only {free_bytes} are free where {folder} lies."),
        N_("Make room before you download models or index many documents."),
    ),
    "disk_full": (
        N_("The disk is full where {folder} lies: {free_bytes} are left."),
        N_("Make room now, or new messages cannot be saved."),
    ),
    "private": (N_("Nobody else on this computer can read your data."), ""),
    "data_unwritable": (
        N_("The data folder {folder} cannot be written."),
        N_("Make the folder yours again, with the rights to read and write."),
    ),
    "network_off": (N_("Nothing may use the network."), ""),
    "network_downloads": (
        N_("Models may be downloaded."),
        N_("Turn on “Offline” in the settings when you have what you want."),
    ),
    "network_chroma_server": (
        N_("A Chroma server is searched beside your documents."),
        N_("Empty its name in the settings under “Network” if you do not want that."),
    ),
    "settings_unknown": (
        N_("The settings hold something that this version does not know: {names}."),
        N_("It is kept for the version that wrote it. There is nothing to do."),
    ),
}


def area_label(area: Area) -> str:
    """What an area is called."""
    return {
        "installation": _("Program"),
        "devices": _("Devices"),
        "models": _("Models"),
        "chats": _("Chats"),
        "library": _("Documents"),
        "settings": _("Settings"),
        "disk": _("Disk"),
        "permissions": _("Who can read it"),
        "network": _("Network"),
    }[area]


def finding_sentence(finding: Finding) -> str:
    """What was found, in one sentence."""
    if finding.problem is not None:
        return sentence(finding.problem)
    if finding.fault is not None:
        return fault_sentence(finding.fault)
    counted = _counted(finding)
    return counted or _filled(HEALTH_WORDS[finding.kind][0], finding)


def finding_remedy(finding: Finding) -> str:
    """What to do about it; "" when there is nothing to do."""
    if finding.kind == "library_rescued":
        return _("Its documents are read again now. The damaged file was put aside, in the same folder.")
    if finding.state == "repaired":
        return _("Repaired.")
    if finding.problem is not None:
        return hint(finding.problem)
    if finding.fault is not None:
        return fault_remedy(finding.fault)
    if finding.kind == "open_files":
        return _("Repair: they become yours alone.")
    if finding.kind == "foreign_files":
        return _("Find out who put them there. As an administrator you can make them yours, or delete them.")
    if finding.kind not in HEALTH_WORDS:
        return ""
    return _filled(HEALTH_WORDS[finding.kind][1], finding)


def verdict(health: Health) -> str:
    """All of it in one sentence."""
    troubles = len(health.troubles)
    if not troubles:
        return _("Everything is in order.")
    said = ngettext("{count} thing is not in order.", "{count} things are not in order.", troubles)
    return said.format(count=number(troubles))


def _counted(finding: Finding) -> str:
    """Sentences that count something; "" for the others."""
    told = finding.params
    match finding.kind:
        case "models_sound":
            return _of(ngettext("{count} chat model.", "{count} chat models.", _int(finding)), finding)
        case "chats_sound":
            return _("{chats} chats with {messages} messages, all of them sound ({size_bytes}).").format(
                chats=number(int(told["chats"])),
                messages=number(int(told["messages"])),
                size_bytes=i18n.size(int(told["size_bytes"])),
            )
        case "library_sound":
            return _("{documents} documents with {pages} pages, and the index agrees with them.").format(
                documents=number(int(told["documents"])), pages=number(int(told["pages"]))
            )
        case "library_rescued":
            return _of(
                ngettext(
                    "Your library was damaged. It begins anew with the list of {count} document.",
                    "Your library was damaged. It begins anew with the list of {count} documents.",
                    _int(finding),
                ),
                finding,
            )
        case "settings_read":
            return _of(
                ngettext(
                    "{count} setting differs from the default.",
                    "{count} settings differ from the default.",
                    _int(finding),
                ),
                finding,
            )
        case "open_files":
            return _of(
                ngettext(
                    "{count} file or folder of yours can be read by others.",
                    "{count} files or folders of yours can be read by others.",
                    _int(finding),
                ),
                finding,
            )
        case "foreign_files":
            return _of(
                ngettext(
                    "{count} file in the data folder belongs to somebody else.",
                    "{count} files in the data folder belong to somebody else.",
                    _int(finding),
                ),
                finding,
            )
        case _:
            return ""


def _int(finding: Finding) -> int:
    return int(finding.params.get("count", 0))


def _of(text: str, finding: Finding) -> str:
    return text.format(count=number(_int(finding)))


def _filled(text: str, finding: Finding) -> str:
    """Through the same filling as errors: sizes, numbers and paths read alike everywhere."""
    if not text:
        return ""
    return filled(text, Problem("", {**finding.params, "folder": finding.params.get("path", "")}))
