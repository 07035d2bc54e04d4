"""What is marked on a page: lines out of word boxes, and a passage found again. Pure values; no Qt."""

from collections.abc import Iterable

from rag.protocol import Box

# Words of one line are closer than this share of the line's height; columns are further apart.
_GAP_TO_HEIGHT = 1.6
# Two boxes are of one line when they share at least this much of the lower one's height.
_OVERLAP = 0.5


def line_boxes(boxes: Iterable[Box], height_to_width: float = 1.4142) -> tuple[Box, ...]:
    """Join boxes that stand side by side on a line; boxes of other lines and columns stay apart.

    `boxes` are fractions of the page, in reading order; `height_to_width` is the page's shape, needed
    since a gap is measured against the width and a line's height against the height.
    """
    lines: list[Box] = []
    for box in boxes:
        if box.right <= box.left or box.bottom <= box.top:
            continue
        last = lines[-1] if lines else None
        if last is not None and _same_line(last, box, height_to_width):
            lines[-1] = Box(
                min(last.left, box.left),
                min(last.top, box.top),
                max(last.right, box.right),
                max(last.bottom, box.bottom),
            )
        else:
            lines.append(box)
    return tuple(lines)


def _same_line(first: Box, second: Box, height_to_width: float) -> bool:
    first_height, second_height = first.bottom - first.top, second.bottom - second.top
    shared = min(first.bottom, second.bottom) - max(first.top, second.top)
    if shared < _OVERLAP * min(first_height, second_height):
        return False
    gap = max(first.left, second.left) - min(first.right, second.right)
    return gap <= _GAP_TO_HEIGHT * max(first_height, second_height) * height_to_width


def span_of_quote(page_text: str, quote: str, start: int, end: int) -> tuple[int, int] | None:
    """Where `quote` stands now: the given span if it still does, the nearest other place, or None.

    Without a quote the span is taken as it is, cut to the text.
    """
    if not quote:
        start, end = max(0, min(start, len(page_text))), max(0, min(end, len(page_text)))
        return (start, end) if start < end else None
    if page_text[start:end] == quote:
        return start, end
    places = []
    at = page_text.find(quote)
    while at >= 0:
        places.append(at)
        at = page_text.find(quote, at + 1)
    if not places:
        return None
    nearest = min(places, key=lambda place: abs(place - start))
    return nearest, nearest + len(quote)
