"""Headings of a page, from the outline, from Markdown, from the size of letters."""

from rag.protocol import Box, Heading
from rag.reading.headings import FromOutline, from_markdown, from_sizes
from rag.reading.layout import Line, OutlineEntry, RawPage, Word

OUTLINE = [
    OutlineEntry(0, "The house", 1),
    OutlineEntry(1, "Tickets", 2),
    OutlineEntry(1, "Opening hours", 2),
    OutlineEntry(0, "Index", 3),
]


def test_titles_of_the_outline_are_found_as_lines_of_their_page() -> None:
    text = "You need tickets.\n2.1 Tickets\nThey cost.\nOPENING  HOURS\nEarly."
    headings = FromOutline(OUTLINE).on_page(2, text)
    assert headings == (
        Heading(text.index("2.1"), ("The house", "Tickets")),
        Heading(text.index("OPENING"), ("The house", "Opening hours")),
    )


def test_a_title_that_is_not_in_the_text_counts_from_where_it_is_due() -> None:
    assert FromOutline(OUTLINE).on_page(3, "Nothing of the sort.") == (Heading(0, ("Index",)),)
    assert FromOutline(OUTLINE).on_page(4, "Index") == ()


def test_markdown_headings_make_paths_and_code_makes_none() -> None:
    text = "# A\n\ntext\n\n## B ##\n\n```\n# not a heading\n```\n\n### C\n\n## D"
    assert [heading.path for heading in from_markdown(text)] == [
        ("A",),
        ("A", "B"),
        ("A", "B", "C"),
        ("A", "D"),
    ]
    assert all(text[heading.start] == "#" for heading in from_markdown(text))


def test_short_lines_in_larger_letters_are_headings() -> None:
    box = Box(0.1, 0.1, 0.5, 0.12)

    def row(text: str, size: float) -> Line:
        return Line([Word(word, box) for word in text.split()], size)

    page = RawPage(
        1,
        [
            row("Big title", 20),
            row("plain text of the body, longer", 11),
            row("Part", 15),
            row("more text", 11),
        ],
    )
    text = "Big title\nplain text of the body, longer\nPart\nmore text"
    assert from_sizes(page, text) == (
        Heading(0, ("Big title",)),
        Heading(text.index("Part"), ("Big title", "Part")),
    )
