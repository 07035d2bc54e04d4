"""Scenes of what replies are made of: code, tables, lists, footnotes, formulas. Saves no picture."""

from typing import Final

from tests.gui.scene_register import scene
from tests.gui.stage import Stage

CODE: Final = (
    "```python\nrows = [row for row in table if row.price_eur <= limit_eur and row.day in opening_days "
    "and not row.sold_out and row.language == wanted]\nfor row in rows:  # cheapest first\n    print(row)\n```"
    "\n\n```sh\ncurl -s https://example.org/prices.json | jq '.rows[] | select(.price < 7)'\n```\n\n"
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
