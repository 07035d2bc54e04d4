"""Markdown that was built to hurt whoever draws it, and a reply of any length. Draws nothing."""

from typing import Final

_PART: Final = (
    "## Night {n}\n\nThe keeper wrote **everything** down, with `care` and a pencil: the storm of night {n}, "
    "the boats that passed, and the ones that did not. "
    * 1
    + "He had time, and the sea had more of it, so the book grew by a page every night.\n\n"
    "- the wind, from the *west*\n- the oil, {n} litres\n- the glass, clean\n\n"
    "```python\nfor night in range({n}):\n    print(night)  # and the next\n```\n\n"
    "| hour | wind | sea |\n|---|---|---|\n| one | west | calm |\n| four | north | rough |\n\n"
    "So it was $x_{{{n}}}^2$, and nobody read it.\n\n"
)


def long_reply(characters: int) -> str:
    """About as many characters of everything that replies are made of; four of them are about a token."""
    parts: list[str] = []
    size = 0
    while size < characters:
        parts.append(_PART.format(n=len(parts)))
        size += len(parts[-1])
    return "".join(parts)


HURTFUL: Final[dict[str, str]] = {
    "quotations 1,000 deep": "> " * 1_000 + "deep",
    "lists 1,000 deep": "".join("  " * i + "- x\n" for i in range(1_000)),
    "bullets of bullets on one line": "- " * 5_000 + "deep",
    "emphasis 1,000 deep": "".join("*a **b " for _ in range(1_000)),
    "a table of 10,000 cells": "|"
    + "h|" * 10
    + "\n"
    + "|-" * 10
    + "|\n"
    + ("|" + "cell|" * 10 + "\n") * 1_000,
    "a table of 500 columns": "|h" * 500 + "|\n" + "|-" * 500 + "|\n" + ("|x" * 500 + "|\n") * 20,
    "a line of 1 MB": "word " * 200_000,
    "a word of 1 MB": "w" * 1_000_000,
    "a line of 1 MB in a list": "- " + "word " * 200_000,
    "lines of 1 MB in a fence": "```\n" + "x" * 1_000_000 + "\n```",
    "right to left": "\u202e" * 2_000 + "txet \u202cabc \u2067def" * 1_500,
    "nothing to be seen": "\u200b\u200d\ufeff\u2060" * 50_000,
    "accents on one letter": "Z" + "\u0301\u0316\u0334" * 20_000,
    "stars that never close": "**a " * 20_000,
    "underscores that never close": "_a" * 20_000,
    "brackets that never close": "[" * 20_000 + "a" + "](" * 20_000,
    "ticks that never close": "".join("`" * (i % 60 + 1) + "a " for i in range(4_000)),
    "a link of 100 KB": "[here](https://example.org/" + "a" * 100_000 + ") and on",
    "an address of 100 KB": "See https://example.org/" + "a" * 100_000 + " and on",
    "links without end": "[a](https://example.org) " * 8_000,
    "a fence that never closes": "```python\n" + "for i in range(10):\n    print(i)\n" * 8_000,
    "fences without end": "```\n" * 20_000,
    "formulas that do not parse": "$\\frac{1}{$ and $\\sqrt{x$, $}{$ \n\n" * 1_500,
    "a huge formula": "$$" + "x_{1} + " * 20_000 + "1$$",
    "5,000 formulas": "".join(f"So $x_{{{i}}}^2$ is.\n\n" for i in range(5_000)),
    "5,000 formulas in one list": "".join(f"- $x_{{{i}}}^2$\n" for i in range(5_000)),
    "a list of 20,000 items": "- item\n" * 20_000,
    "a loose list of 10,000 items": "".join(f"{i}. item\n\n" for i in range(10_000)),
    "20,000 paragraphs": "word\n\n" * 20_000,
    "20,000 headings": "# h\n" * 20_000,
    "20,000 footnotes": "".join(f"a[^{i}]\n\n[^{i}]: note\n\n" for i in range(10_000)),
    "HTML without end": "<div>" * 20_000,
    "entities without end": "&amp;" * 40_000,
    "empty lines without end": "a" + "\n" * 200_000 + "b",
    "carriage returns and others": "a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h\x00i\n" * 2_000,
}
