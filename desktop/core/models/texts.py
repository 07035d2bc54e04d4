"""The text that models are measured on: a person's own, or ours. Measures nothing."""

from pathlib import Path

from desktop.core.errors import TextUnreadable
from engine.perplexity_text import measuring_text

MOST_BYTES = 16 << 20  # more would take days


def text_at(path: str) -> str:
    """The UTF-8 text of the file at `path`; ours where it is "". Raises TextUnreadable."""
    if not path:
        return measuring_text()
    try:
        with Path(path).expanduser().open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise TextUnreadable(f"more than {MOST_BYTES} bytes", path=path)
        text = data.decode("utf-8-sig")
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: "~nobody"
        raise TextUnreadable(str(error), path=path) from error
    if not text.strip() or "\0" in text:
        raise TextUnreadable("no text in it", path=path)
    return text
