"""What the documents view says. Chooses words; holds no widgets and no state."""

from pathlib import PurePath

from desktop.core.types import Problem
from desktop.i18n import _, ngettext, number
from desktop.view_models.document_rows import DocumentRow, Indexing, Outcome, Removal
from desktop.words import hint, sentence
from desktop.words.library import language_name, time_left
from rag.protocol import DEFAULT_COLLECTION, CollectionInfo, PageInfo


def collection_name(name: str) -> str:
    """A collection's name; the one that is always there has no name of its own."""
    return _("My documents") if name == DEFAULT_COLLECTION else name


def collection_label(info: CollectionInfo) -> str:
    """A collection and how much it holds."""
    return f"{collection_name(info.name)}  ·  {number(info.documents)}"


def pages(count: int) -> str:
    return ngettext("{count} page", "{count} pages", count).format(count=number(count))


def passages(count: int) -> str:
    return ngettext("{count} passage", "{count} passages", count).format(count=number(count))


def row_detail(row: DocumentRow) -> str:
    """The second line of a document that came in or is coming in."""
    if row.state == "indexing":
        return _("Waiting to be indexed")
    parts = [f"{pages(row.pages)}, {passages(row.passages)}"]
    if row.language:
        parts[0] += f", {language_name(row.language)}"
    if row.recognized:
        parts.append(
            ngettext(
                "{count} scanned page, read by OCR", "{count} scanned pages, read by OCR", row.recognized
            ).format(count=number(row.recognized))
        )
    if row.unread:
        told = ngettext(
            "{count} scanned page, not read: {why}", "{count} scanned pages, not read: {why}", row.unread
        )
        parts.append(told.format(count=number(row.unread), why=why_unread(row.unread_why)))
    return ". ".join(parts)


def page_facts(page: PageInfo) -> str:
    """How a page was read, and what came of it."""
    held = ngettext("{count} character", "{count} characters", page.characters)
    told = f"{held.format(count=number(page.characters))}, {passages(page.passages)}"
    match page.source:
        case "ocr":
            return _("A scan, its text read by OCR: {told}").format(told=told)
        case "scan":
            return _("A scan that was not read: {why}").format(why=why_unread(page.unread))
        case _:
            return _("Text: {told}").format(told=told)


def why_unread(why: str) -> str:
    """Why the text of a picture was not recognized."""
    match why:
        case "no_tesseract":
            return _("Tesseract is not installed")
        case "no_language":
            return _("Tesseract has neither Spanish nor English")
        case "nothing":
            return _("no words were recognized")
        case _:
            return _("Tesseract failed")


def said(problem: Problem) -> str:
    """A problem in words, with what can be done about it."""
    return " ".join(part for part in (sentence(problem), hint(problem)) if part)


def remedy(row: DocumentRow) -> str:
    """What the button of a row that failed does."""
    return _("Enter password") if row.asks_for_password else _("Try again")


def row_spoken(row: DocumentRow) -> str:
    """A row as a screen reader says it."""
    detail = said(row.problem) if row.problem is not None else row_detail(row)
    return f"{row.name}, {detail}"


def progress_title(progress: Indexing) -> str:
    if not progress.file:
        return _("Looking for documents")
    return _("Adding {file}").format(file=progress.name)


def progress_count(progress: Indexing) -> str:
    """Which file of how many; nothing for a single one."""
    if progress.files < 2:
        return ""
    return _("{number} of {count}").format(number=number(progress.number), count=number(progress.files))


def progress_stage(progress: Indexing) -> str:
    if progress.cancelling:
        return _("Stopping")
    done, total = number(progress.done), number(progress.total)
    match progress.stage:
        case "reading" if progress.total:
            return _("Reading page {done} of {total}").format(done=done, total=total)
        case "recognizing":
            return _("Recognizing the text of page {done} of {total}").format(done=done, total=total)
        case "reading":
            return _("Reading")
        case "embedding" if progress.total:
            return _("Indexing passage {done} of {total}").format(done=done, total=total)
        case "embedding":
            return _("Indexing")
        case "storing":
            return _("Saving")
        case None:
            return ""


def progress_pace(progress: Indexing) -> str:
    """How fast it goes and how long it may take; "" while nobody knows."""
    if progress.passages_per_s <= 0:
        return ""
    speed = _("{speed} passages/s").format(speed=number(progress.passages_per_s, 1))
    return speed if progress.remaining_s is None else f"{speed} · {time_left(progress.remaining_s)}"


def waiting_line(progress: Indexing) -> str:
    """While it is paused."""
    left = max(1, progress.files - max(0, progress.number - 1))
    return ngettext("{count} document waits", "{count} documents wait", left).format(count=number(left))


def outcome_line(outcome: Outcome) -> str:
    """How a batch ended; empty when there is nothing to say that the list does not show."""
    parts = []
    if outcome.added:
        parts.append(
            ngettext("{count} document added.", "{count} documents added.", outcome.added).format(
                count=number(outcome.added)
            )
        )
    if outcome.unchanged:
        parts.append(
            ngettext("{count} was already here.", "{count} were already here.", outcome.unchanged).format(
                count=number(outcome.unchanged)
            )
        )
    if outcome.failed:
        parts.append(
            ngettext("{count} could not be added.", "{count} could not be added.", outcome.failed).format(
                count=number(outcome.failed)
            )
        )
    if outcome.cancelled:
        parts.append(_("Stopped. What was finished stays."))
    return " ".join(parts)


def removal_line(removal: Removal) -> str:
    if removal.whole:
        return _("Collection {name} removed").format(name=removal.collection)
    if len(removal.files) == 1:
        return _("{file} removed").format(file=PurePath(removal.files[0]).name)
    return ngettext("{count} document removed", "{count} documents removed", len(removal.files)).format(
        count=number(len(removal.files))
    )
