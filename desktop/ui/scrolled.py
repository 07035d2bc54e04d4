"""A column of cards in the middle of a page, which scrolls."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QWidget

from desktop.ui.theme import set_kind


def scrolled(inner: QWidget) -> QScrollArea:
    """`inner` as wide as it may be, on the ground of its page."""
    middle = QWidget()
    set_kind(middle, "ground")
    middle.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    centred = QHBoxLayout(middle)
    centred.setContentsMargins(0, 0, 0, 0)
    centred.addStretch(1)
    centred.addWidget(inner, 1000)
    centred.addStretch(1)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(middle)
    return area
