"""JSON schemas of the prompts that come with the program."""

from typing import Final


def _lists(*names: str) -> str:
    """An object with a list of texts under each name; not so long that a small model never ends one."""
    one = '{"type": "array", "items": {"type": "string", "maxLength": 80}, "maxItems": 8}'
    properties = ", ".join(f'"{name}": {one}' for name in names)
    required = ", ".join(f'"{name}"' for name in names)
    return (
        f'{{"type": "object", "properties": {{{properties}}}, "required": [{required}], '
        '"additionalProperties": false}'
    )


FOUND: Final = _lists("people", "places", "dates", "amounts")
FOUND_ES: Final = _lists("personas", "lugares", "fechas", "cantidades")
