"""Make museum.pdf and museo.pdf, the two documents that tests and the README's tour ask questions of.

    python -m tests.data.make_museum

The text stands in museum.source.md and museo.source.md; it is ours, and the museum does not exist. A line
of three dashes ends a page. The PDFs are committed; run this after changing a text.
"""

from pathlib import Path

from tests.data.pdf_writer import A4, Line, Page, wrapped, write

MARGIN = 72
MEASURE = A4[0] - 2 * MARGIN
LANGUAGES = {"museum": "en", "museo": "es"}


def pages(source: str) -> tuple[str, str, list[Page]]:
    """Title, author, and the pages: headings in bold, a footer with the page number on each."""
    (title, author, *first), *rest = [
        [" ".join(block.split()) for block in part.split("\n\n") if block.strip()]
        for part in source.split("\n---\n")
    ]
    title = title.removeprefix("# ")
    made = []
    for number, blocks in enumerate([first, *rest], 1):
        page = Page(drawing=f"0.78 0.72 0.6 RG 0.8 w {MARGIN} 62 m {A4[0] - MARGIN} 62 l S")
        y = 90.0
        if number == 1:
            y = _cover(page, title, author)
        page.outline = tuple(block.removeprefix("## ") for block in blocks if block.startswith("## "))
        for block in blocks:
            y = _block(page, y, block)
        page.lines.append(Line(MARGIN, A4[1] - 45, title.replace(":", " -"), 9, grey=0.4))
        page.lines.append(Line(A4[0] - MARGIN - 8, A4[1] - 45, str(number), 9, grey=0.4))
        made.append(page)
    return title, author, made


def _cover(page: Page, title: str, author: str) -> float:
    y = 90.0
    for line in wrapped(title, 22, MEASURE):
        page.lines.append(Line(MARGIN, y, line, 22, bold=True))
        y += 28
    page.lines.append(Line(MARGIN, y, author, 11, grey=0.4))
    return y + 40


def _block(page: Page, y: float, block: str) -> float:
    """Set a heading or a paragraph at `y`; the next one begins at the value given back."""
    if block.startswith("## "):
        heading = 8 if page.lines else 0
        page.lines.append(Line(MARGIN, y + heading, block.removeprefix("## "), 15, bold=True))
        return y + heading + 25
    for line in wrapped(block, 11, MEASURE):
        page.lines.append(Line(MARGIN, y, line))
        y += 16
    return y + 9


def main() -> None:
    folder = Path(__file__).parent
    for name, language in LANGUAGES.items():
        title, author, made = pages((folder / f"{name}.source.md").read_text("utf-8"))
        write(folder / f"{name}.pdf", made, title, author, language)


if __name__ == "__main__":
    main()
