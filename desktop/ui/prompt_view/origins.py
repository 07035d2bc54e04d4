"""How the parts of a prompt look and what they are called. Two parts of one colour differ by their pattern.

Instructions are of the accent's colour, what was said before is amber, documents are sage, the question is of
the text's own, and what the template writes is muted.
"""

from typing import Final, NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from desktop.core.types import Origin
from desktop.i18n import _
from desktop.ui.theme import Theme, Token, mixed

Part = Origin | str  # an origin, "room" or "left_out"
ROOM: Final = "room"
LEFT_OUT: Final = "left_out"


class Look(NamedTuple):
    """A colour of the theme, a pattern for areas, and a pattern for lines below words."""

    token: Token
    pattern: Qt.BrushStyle
    line: Qt.PenStyle


_SOLID, _DENSE = Qt.BrushStyle.SolidPattern, Qt.BrushStyle.Dense4Pattern
_HATCHED, _ACROSS = Qt.BrushStyle.BDiagPattern, Qt.BrushStyle.HorPattern
_LINE, _DOTS, _DASHES = Qt.PenStyle.SolidLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashLine

_LOOKS: Final[dict[str, Look]] = {
    "template": Look("muted", _ACROSS, _DOTS),
    "system": Look("accent", _SOLID, _LINE),
    "summary": Look("amber", _ACROSS, _DOTS),
    "examples": Look("accent", _HATCHED, _DASHES),
    "pinned": Look("amber", _DENSE, _DASHES),
    "history": Look("amber", _SOLID, _LINE),
    "files": Look("sage", _SOLID, _LINE),
    "excerpts": Look("sage", _HATCHED, _DASHES),
    "question": Look("text", _SOLID, _LINE),
    ROOM: Look("track", _SOLID, _LINE),
    LEFT_OUT: Look("muted", _HATCHED, _DASHES),
}


def look(part: Part) -> Look:
    return _LOOKS[part]


def color(part: Part, theme: Theme) -> QColor:
    return QColor(theme.color(_LOOKS[part].token))


def tint(part: Part, theme: Theme, under: str) -> QColor:
    """The ground of a token: a breath of its part's colour."""
    return QColor(mixed(theme.color(_LOOKS[part].token), under, 0.24 if theme.dark else 0.15))


def line_pen(part: Part, theme: Theme) -> QPen:
    """For the line below a token."""
    return QPen(color(part, theme), 1.5, _LOOKS[part].line)


def fill(painter: QPainter, box: QRectF, part: Part, theme: Theme, under: str) -> None:
    """An area of a part's colour in its pattern, which shows without any colour too."""
    found = _LOOKS[part]
    if found.pattern != _SOLID:
        painter.fillRect(box, QColor(mixed(theme.color(found.token), under, 0.3)))
    painter.fillRect(box, QBrush(color(part, theme), found.pattern))


def name(part: Part) -> str:
    names = {
        "template": _("Template"),
        "system": _("System prompt"),
        "summary": _("Summary"),
        "examples": _("Examples"),
        "pinned": _("Kept turns"),
        "history": _("History"),
        "files": _("Files"),
        "excerpts": _("Excerpts"),
        "question": _("Your question"),
        ROOM: _("Room for the reply"),
        LEFT_OUT: _("Left out"),
    }
    return names[part]


def about(part: Part) -> str:
    """What a part is, in one line."""
    lines = {
        "template": _(
            "Marks between the messages, so that the model knows who speaks and where a turn ends."
        ),
        "system": _("What the model is told before the chat: who it is and how to answer."),
        "summary": _("What was said in turns that no longer fit, in short."),
        "examples": _("Questions with answers that show the model how to reply."),
        "pinned": _("Turns that you keep in the context: they never leave."),
        "history": _("What was said before. When it gets full, the oldest turns leave first."),
        "files": _("The text of files that you attached."),
        "excerpts": _("Passages that were found in your documents for a question."),
        "question": _("What you are about to send."),
        ROOM: _("What is free. The reply is written here, and the model sees nothing beyond."),
        LEFT_OUT: _("Oldest turns that no longer fit. The model will not see them."),
    }
    return lines[part]
