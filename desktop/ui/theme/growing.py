"""Buttons, icons and heights that grow with the size of text, though less than it. Knows no window."""

from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QTreeView, QWidget

from desktop.ui.theme.appearance import text_scale

_SHARE: Final = 0.6  # of what text grows by: an icon of 20 px is large enough beside text that is not
_PROPERTY: Final = "grows"


def grown(px: float) -> int:
    """A measure at 100 % as it is at the present size of text; never smaller."""
    return round(px * max(1.0, 1 + (text_scale() - 1) * _SHARE))


def grow(widget: QWidget, **measures: int) -> None:
    """Keep measures of a widget in step with the size of text, now and after every change of it.

    `side`: width and height; `icon`: of a button's icon; `icon_width` where it is wider than high;
    `indent`: of a tree; `height`, `width`, `least_width`, `most_width`, `least_height`. All in pixels
    at 100 %.
    """
    widget.setProperty(_PROPERTY, measures)
    _apply(widget, measures)


def grow_all(app: QApplication) -> None:
    """The size of text has changed."""
    for widget in app.allWidgets():
        measures = widget.property(_PROPERTY)
        if measures:
            _apply(widget, measures)


def _apply(widget: QWidget, measures: dict[str, int]) -> None:
    px = {name: grown(value) for name, value in measures.items()}
    if "side" in px:
        widget.setFixedSize(px["side"], px["side"])
    if "icon" in px and isinstance(widget, QAbstractButton | QComboBox):
        widget.setIconSize(QSize(px.get("icon_width", px["icon"]), px["icon"]))
    if "indent" in px and isinstance(widget, QTreeView):
        widget.setIndentation(px["indent"])
    if "height" in px:
        widget.setFixedHeight(px["height"])
    if "width" in px:
        widget.setFixedWidth(px["width"])
    if "most_width" in px:
        widget.setMaximumWidth(px["most_width"])
    if "least_width" in px:
        widget.setMinimumWidth(px["least_width"])
    if "least_height" in px:
        widget.setMinimumHeight(px["least_height"])
