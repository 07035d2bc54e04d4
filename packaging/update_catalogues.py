"""Bring the catalogues up to date with the texts in the source: `python packaging/update_catalogues.py`.

Reads every call of `_`, `ngettext`, `pgettext` and `N_` below desktop/, adds what is new to each
desktop/locale/*/LC_MESSAGES/sobremesa.po and takes out what is gone. Translates nothing: new entries stay
empty until somebody fills them in, and a test keeps empty ones from staying. English needs no catalogue:
the texts in the source are English.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

DOMAIN = "sobremesa"
LINE_WIDTH = 108
# a date or a version would make every run a change
UNWANTED = (
    b'"POT-Creation-Date',
    b'"PO-Revision-Date',
    b'"Report-Msgid-Bugs-To',
    b'"Last-Translator',
    b'"Generated-By',
)


def extracted(root: Path) -> Catalog:
    """Every text of the source, with the files it stands in and the comments meant for translators."""
    catalogue = Catalog(project=DOMAIN, charset="utf-8")
    found = extract_from_dir(
        root / "desktop",
        method_map=[("**.py", "python")],
        comment_tags=["Translators:"],
        strip_comment_tags=True,
    )
    for name, _line, message, comments, context in found:
        # files without lines: they would change with every edit above
        catalogue.add(message, locations=[(f"desktop/{name}", 0)], auto_comments=comments, context=context)
    return catalogue


def catalogues(root: Path) -> list[Path]:
    return sorted((root / "desktop" / "locale").glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def updated(path: Path, template: Catalog) -> bytes:
    """The catalogue at `path` with the template's texts, translations kept where the text is the same."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.parent.name)
    # no guessing: a translation guessed from a similar text reads as if it had been written
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    out = io.BytesIO()
    write_po(out, catalogue, width=LINE_WIDTH, sort_output=True, ignore_obsolete=True, include_lineno=False)
    lines = [line for line in out.getvalue().splitlines(keepends=True) if not line.startswith(UNWANTED)]
    return b"".join(lines).strip() + b"\n"


def main() -> int:
    """Write what changed, and say what is left to translate."""
    root = Path(__file__).resolve().parent.parent
    template = extracted(root)
    for path in catalogues(root):
        content = updated(path, template)
        if content != path.read_bytes():
            path.write_bytes(content)
        catalogue = read_po(io.BytesIO(content))
        empty = len([message for message in catalogue if message.id and not all(_strings(message.string))])
        print(f"{path.relative_to(root)}: {len(catalogue)} texts, {empty} to translate")
    return 0


def _strings(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [string or ""] if isinstance(string, str | None) else list(string)


if __name__ == "__main__":
    sys.exit(main())
