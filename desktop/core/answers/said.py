"""Replies that no model writes: nothing was found, the page is this one. In the question's language.

They are part of a chat, as what a model writes, so their language is the question's and not the window's.
"""

from collections.abc import Sequence
from pathlib import PurePath

from desktop.core.types import Excerpt
from rag.language import guess_language

MOST_PAGES = 3
QUOTED_CHARACTERS = 160

_NOTHING = {
    "en": "I found nothing about this in these documents.",
    "es": "No he encontrado nada sobre esto en estos documentos.",
}
_ON_PAGES = {"en": "It is on these pages:", "es": "Está en estas páginas:"}
_ON_PAGE = {"en": "page", "es": "página"}
_READ = {
    "en": "I read {read} of {documents} documents.",
    "es": "He leído {read} de {documents} documentos.",
}
_SILENT = {"en": "Nothing about this in: {names}.", "es": "Nada sobre esto en: {names}."}


def language_of(question: str, otherwise: str) -> str:
    """ "en" or "es"; `otherwise` is what a question speaks that says nothing of its language."""
    return guess_language(question) or (otherwise if otherwise in _NOTHING else "en")


def nothing_found(language: str) -> str:
    return _NOTHING[language]


def is_nothing_found(text: str) -> bool:
    """Whether a reply says that, and nothing else."""
    return text.strip() in _NOTHING.values()


def own_words_at(text: str) -> int:
    """Where the line begins that `visited` put at a reply's end; the text's length where there is none."""
    starts = (text.rfind("\n" + line.partition("{read}")[0]) for line in _READ.values())
    return next((start for start in starts if start >= 0), len(text))


def on_pages(excerpts: Sequence[Excerpt], language: str) -> str:
    """Where it stands, by the index alone: a line for each page, the nearest first."""
    pages: dict[tuple[int, int], Excerpt] = {}
    for excerpt in excerpts:
        pages.setdefault((excerpt.document, excerpt.page), excerpt)
    lines = [
        f"- **{_name(one)}**, {_ON_PAGE[language]} {one.page} [{one.n}]: “{_beginning(one.text)}”"
        for one in list(pages.values())[:MOST_PAGES]
    ]
    return "\n".join((_ON_PAGES[language], "", *lines))


def visited(read: int, documents: int, silent: Sequence[str], language: str) -> str:
    """How many documents were read, and which of them say nothing of it."""
    text = _READ[language].format(read=read, documents=documents)
    return f"{text} {_SILENT[language].format(names=', '.join(silent))}" if silent else text


def note_of(title: str, note: str, numbers: Sequence[int]) -> str:
    """What one document says, with the excerpts it was taken from."""
    cited = "".join(f" [{n}]" for n in numbers if f"[{n}]" not in note)
    return f"- **{title}**: {note}{cited}"


def _name(excerpt: Excerpt) -> str:
    return excerpt.title or PurePath(excerpt.file).name


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTED_CHARACTERS else line[:QUOTED_CHARACTERS].rsplit(" ", 1)[0] + "…"
