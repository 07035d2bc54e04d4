"""Scenes of what replies are made of: code, tables, lists, footnotes, formulas. Saves no picture."""

from typing import Final

from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle, wait_for

CODE: Final = (
    "```python\nrows = [row for row in table if row.price_eur <= limit_eur and row.day in opening_days "
    "and not row.sold_out and row.language == wanted]\nfor row in rows:  # cheapest first\n"
    "    print(row)\n```\n\n"
    "```sh\ncurl -s https://example.org/prices.json | jq '.rows[] | select(.price < 7)'\n```\n\n"
    "```\nno language, no colours\n```"
)


@scene
def scene_code_wide(stage: Stage) -> None:
    stage.open()
    stage.say(5, stage.texts.code_question, CODE)
    stage.session.conversation.open(5)


@scene
def scene_narrow_code_wide(stage: Stage) -> None:
    scene_code_wide(stage)


MARKS: Final = (
    "# A day at the museum\n\nBuy ~~at the door~~ online at https://museum.example.org/tickets, or read "
    "[the prices](https://museum.example.org/prices) first[^1].\n\n## What to bring\n\n- [x] the tickets\n"
    "- [ ] a pencil, *never* a pen\n- something to eat\n  1. bread\n  2. cheese\n     - a mild one\n\n"
    "### On the way\n\n> The bus takes twenty minutes.\n>\n"
    "> > On Sundays, thirty.\n>\n> - line 3\n> - line 14\n\n"
    "---\n\n| day | opens | closes | price |\n"
    "|:--|:-:|:-:|--:|\n| Tuesday to Saturday | 10:00 | 19:00 | 7.00 |\n"
    "| Sunday | 10:00 | 14:00 | free |\n\n"
    "![a map](https://museum.example.org/map.png) <b>HTML stays text</b>\n\n"
    "[^1]: Students and people over 65 pay **four** euros.\n[^2]: Closed on Mondays."
)
WITHIN: Final = (
    "1. Install it:\n\n   ```sh\n   pip install museum\n   ```\n2. As the handbook says[^1]:\n\n"
    "   > Ask for the *prices*:\n   >\n   > ```python\n   > for row in prices():\n"
    "   >     print(row.day, row.price_eur)\n   > ```\n   >\n   > and keep them.\n\n"
    'Ana wrote:\n\n> Here they are,\n>\n> ```json\n> {"sunday": 0, "tuesday": 7}\n> ```\n>\n'
    "> | day | price |\n> |---|--:|\n> | Sunday | free |\n>\n"
    "> > with a question:\n> >\n> > ```\n> > who closes?\n> > ```\n>\n> - and a list\n>   ```sh\n>   ls -l\n"
    ">   ```\n>   with its end.\n\nThat was all:\n\n- > Come by day.\n- > Or at night.\n\n"
    '[^1]: On its last page, where it says\n\n    ```python\n    closed = {"Monday"}\n    ```\n\n'
    "    in small letters.\n[^2]: ```sh\n    ls closed\n    ```"
)


@scene
def scene_framed_within(stage: Stage) -> None:
    """Code and tables in a list, in quotations and in a footnote."""
    stage.window.resize(1120, 1480)
    stage.open()
    stage.say(5, stage.texts.question, WITHIN)
    stage.session.conversation.open(5)


WIDE_TABLE: Final = (
    "| "
    + " | ".join(f"column {i}" for i in range(12))
    + " |\n"
    + "|---" * 12
    + "|\n"
    + ("| " + " | ".join("some words in a cell" for _ in range(12)) + " |\n") * 3
)


@scene
def scene_marks(stage: Stage) -> None:
    stage.window.resize(1120, 1200)
    stage.open()
    stage.say(5, stage.texts.question, MARKS)
    stage.session.conversation.open(5)


@scene
def scene_table_wide(stage: Stage) -> None:
    stage.open()
    stage.say(5, stage.texts.question, WIDE_TABLE)
    stage.session.conversation.open(5)


@scene
def scene_narrow_table_wide(stage: Stage) -> None:
    scene_table_wide(stage)


MATHS: Final = (
    "The roots of $ax^2 + bx + c = 0$ with $a \\neq 0$ are\n\n"
    "$$\nx = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}\n$$\n\n"
    "so half of $\\frac{1}{2}$ is \\(\\tfrac{1}{4}\\), and a ticket costs $5 or $6. Further,\n\n"
    "\\[ \\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2} "
    "\\qquad \\sum_{i=1}^n i = \\frac{n(n+1)}{2} \\]\n\n"
    "- a list with $\\alpha_i$ in it\n\n| f | f' |\n|---|---|\n| $x^2$ | $2x$ |\n\n"
    "This one does not parse: $\\frac{1}{$ and stays text; "
    "$\\begin{pmatrix}1&0\\\\0&1\\end{pmatrix}$ is a matrix."
)


@scene
def scene_formulas(stage: Stage) -> None:
    stage.window.resize(1120, 900)
    stage.open()
    stage.say(5, stage.texts.question, MATHS)
    stage.session.conversation.open(5)
    settle()
    arrivals = stage.workspace.conversation.arrivals
    wait_for(lambda: not arrivals.busy)
