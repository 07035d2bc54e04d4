"""What is wrong with how a window is laid out: texts that are cut, and things that stand over each other."""

from collections.abc import Iterator

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QLabel,
    QLayout,
    QLayoutItem,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QStackedLayout,
    QWidget,
)

from desktop.ui.documents.elided import ElidedLabel as OtherElidedLabel
from desktop.ui.flowing_buttons import FlowingButton, FlowingCheck, FlowingRadio
from desktop.ui.menu_button import MenuButton
from desktop.ui.pieces import ElidedLabel

NEVER = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
SAYS_ITSELF = (ElidedLabel, OtherElidedLabel, MenuButton)  # these end in an ellipsis, and a tip has the rest

FLOWING = (FlowingButton, FlowingCheck, FlowingRadio)  # as many lines as they need


def cut(window: QWidget) -> list[str]:
    """Texts of visible labels and buttons that do not fit into them."""
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisibleTo(window) or isinstance(widget, SAYS_ITSELF):
            continue
        if isinstance(widget, FLOWING) or (isinstance(widget, QLabel) and widget.wordWrap()):
            if widget.text() and widget.heightForWidth(widget.width()) > widget.height() + 1:
                found.append(f"{widget.text()!r} needs more height")
        elif isinstance(widget, QLabel | QPushButton | QCheckBox | QRadioButton) and widget.text():
            needed = widget.sizeHint().width()
            if needed > widget.width() + 1:
                found.append(f"{widget.text()!r} needs {needed} px and has {widget.width()}")
            lines = widget.fontMetrics().height()
            if lines > widget.height() + 1:
                found.append(f"{widget.text()!r} is {lines} px high and has {widget.height()}")
        elif isinstance(widget, QScrollArea) and widget.horizontalScrollBarPolicy() == NEVER:
            needed, given = widget.widget().minimumSizeHint().width(), widget.viewport().width()
            if needed > given:
                found.append(f"what {widget.parent()} scrolls needs {needed} px and has {given}")
    return found


def clashes(window: QWidget) -> list[str]:
    """Items of a layout that stand over each other, or out of what they are in: it had too little room."""
    found: list[str] = []
    for widget in window.findChildren(QWidget):
        layout = widget.layout()
        if layout is not None and widget.isVisibleTo(window) and not widget.visibleRegion().isEmpty():
            _look(layout, widget, found)
    return found


def faults(window: QWidget) -> list[str]:
    return cut(window) + clashes(window)


def _look(layout: QLayout, owner: QWidget, found: list[str]) -> None:
    if isinstance(layout, QStackedLayout):
        return
    items = list(_items(layout))
    for at, item in enumerate(items):
        over = _rect(item)
        if over.bottom() > owner.rect().bottom() + 1 or over.right() > owner.rect().right() + 1:
            found.append(f"{_name(item)} leaves {type(owner).__name__}")
        for other in items[at + 1 :]:
            both = over.intersected(_rect(other))
            if both.width() > 1 and both.height() > 1:
                found.append(f"{_name(item)} and {_name(other)} share {both.width()} x {both.height()} px")
        inner = item.layout()
        if inner is not None:
            _look(inner, owner, found)


def _items(layout: QLayout) -> Iterator[QLayoutItem]:
    for at in range(layout.count()):
        item = layout.itemAt(at)
        if item is not None and not item.isEmpty() and (item.widget() or item.layout()):
            yield item


def _rect(item: QLayoutItem) -> QRect:
    widget = item.widget()
    return widget.geometry() if widget is not None else item.geometry()


def _name(item: QLayoutItem) -> str:
    widget = item.widget()
    if widget is None:
        layout = item.layout()
        return " + ".join(_name(one) for one in _items(layout)) if layout is not None else ""
    words = getattr(widget, "text", None)
    return f"{type(widget).__name__} {(words() if callable(words) else widget.accessibleName())[:40]!r}"
