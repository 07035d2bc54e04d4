"""The one style sheet, written from tokens. Widgets ask for a look by the dynamic property `kind`.

kinds: QPushButton "primary", "quiet", "danger", "link" (else a plain bordered button); QToolButton is an
icon button by itself; QLabel "title", "heading", "muted", "caption", "section", "danger"; QFrame or
QWidget "ground", "panel", "card", "line".
"""

from pathlib import Path
from string import Template

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from desktop.ui.theme.icons import paint_icon
from desktop.ui.theme.tokens import TOKENS, Theme, mixed, radius, space, type_size

_SHEET = Template("""
* { outline: none; }
QWidget[kind="ground"] { background: $ground; }
QWidget[kind="panel"] { background: $panel; }
QWidget[kind="card"] { background: $raised; border: ${line_px}px solid $line; border-radius: ${card}px; }
QWidget[kind="card_focused"] { background: $raised; border: ${line_px}px solid $accent;
  border-radius: ${card}px; }
QFrame[kind="chip"] { background: $panel; border: ${line_px}px solid $line; border-radius: ${field}px; }
QFrame[kind="chip_trouble"] { background: $panel; border: ${line_px}px solid $danger;
  border-radius: ${field}px; }
QFrame[kind="line"] { background: $line; border: none; max-height: ${line_px}px; min-height: ${line_px}px; }
QFrame[kind="line_v"] { background: $line; border: none; max-width: ${line_px}px; min-width: ${line_px}px; }

QLabel { background: transparent; color: $text; }
QLabel[kind="title"] { font-size: ${title_pt}pt; font-weight: 600; }
QLabel[kind="heading"] { font-size: ${heading_pt}pt; font-weight: 600; }
QLabel[kind="muted"] { color: $muted; }
QLabel[kind="caption"] { color: $muted; font-size: ${caption_pt}pt; }
QLabel[kind="section"] { color: $muted; font-size: ${caption_pt}pt; font-weight: 600; }
QLabel[kind="danger"] { color: $danger; }
QLabel[kind="amber"] { color: $amber; }
QLabel[kind="caption_accent"] { color: $link; font-size: ${caption_pt}pt; }
QLabel[kind="caption_amber"] { color: $amber; font-size: ${caption_pt}pt; }
QLabel[kind="caption_danger"] { color: $danger; font-size: ${caption_pt}pt; }
QLabel[kind="sage"] { color: $sage; }

QPushButton { background: $raised; color: $text; border: ${line_px}px solid $line;
  border-radius: ${field}px; padding: 6px 14px; min-height: 18px; }
QPushButton:hover { background: $hover_raised; }
QPushButton:pressed { background: $pressed; }
QPushButton:focus { border: ${focus_px}px solid $accent; padding: 5px 13px; }
QPushButton:disabled { color: $faded; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent;
  font-weight: 600; }
QPushButton[kind="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="primary"]:pressed { background: $accent_pressed; }
QPushButton[kind="primary"]:focus { border: ${focus_px}px solid $text; }
QPushButton[kind="primary"]:disabled { background: $idle; color: $muted; border-color: $idle; }
QPushButton[kind="quiet"] { background: transparent; border-color: transparent; text-align: left;
  padding: 6px 8px; }
QPushButton[kind="quiet"]:hover { background: $hover; }
QPushButton[kind="quiet"]:checked { background: $select; }
QPushButton[kind="quiet"]:focus { border: ${focus_px}px solid $accent; padding: 5px 7px; }
QPushButton[kind="danger"] { color: $danger; }
QPushButton[kind="link"] { background: transparent; border: none; color: $link; padding: 2px 2px;
  min-height: 0; text-decoration: underline; }
QPushButton[kind="link"]:focus { border: ${focus_px}px solid $accent; padding: 0; }
QPushButton::menu-indicator { image: url($art/chevron.png); width: ${arrow}px; height: ${arrow}px;
  subcontrol-position: right center; right: 6px; }

QToolButton { background: transparent; color: $text; border: ${line_px}px solid transparent;
  border-radius: ${field}px; padding: 4px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $pressed; }
QToolButton:focus { border: ${focus_px}px solid $accent; padding: 3px; }
QToolButton[kind="primary"] { background: $accent; border-color: $accent; }
QToolButton[kind="primary"]:hover { background: $accent_hover; }
QToolButton[kind="primary"]:focus { border: ${focus_px}px solid $text; }
QToolButton[kind="primary"]:disabled { background: $panel; border-color: $line; }
QToolButton[kind="floating"] { background: $raised; border: ${line_px}px solid $line; border-radius: 17px; }
QToolButton[kind="floating"]:hover { background: $hover_raised; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {
  background: $raised; color: $text; border: ${line_px}px solid $line; border-radius: ${field}px;
  padding: 5px 8px; selection-background-color: $select; selection-color: $text;
  placeholder-text-color: $muted; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus,
QComboBox:focus { border: ${focus_px}px solid $accent; padding: 4px 7px; }
QLineEdit:disabled, QPlainTextEdit:disabled, QTextEdit:disabled, QSpinBox:disabled,
QDoubleSpinBox:disabled, QComboBox:disabled { color: $faded; background: $panel; }
QLineEdit[kind="plain"], QPlainTextEdit[kind="plain"], QTextEdit[kind="plain"] {
  border: none; background: transparent; padding: 0; }
QPlainTextEdit[kind="composer"] { border: none; background: transparent; padding: 0;
  font-size: ${reply_pt}pt; }
QComboBox { min-height: 20px; }
QComboBox::drop-down { border: none; width: ${drop}px; }
QComboBox::down-arrow { image: url($art/chevron.png); width: ${arrow}px; height: ${arrow}px; }
QComboBox QAbstractItemView { background: $raised; border: ${line_px}px solid $line; padding: 4px;
  selection-background-color: $select; selection-color: $text; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {
  border: none; background: transparent; width: ${step}px; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url($art/chevron_up.png); width: ${step_arrow}px;
  height: ${step_arrow}px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url($art/chevron.png); width: ${step_arrow}px;
  height: ${step_arrow}px; }

QCheckBox { color: $text; spacing: 8px; background: transparent; padding: 2px; }
QRadioButton { color: $text; spacing: 8px; background: transparent; padding: 2px;
  border: ${focus_px}px solid transparent; border-radius: ${small}px; }
QRadioButton:focus { border-color: $accent; }
QCheckBox::indicator { width: ${box}px; height: ${box}px; border: ${line_px}px solid $muted;
  border-radius: 4px; background: $raised; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url($art/check.png); }
QCheckBox::indicator:disabled { border-color: $line; }
QCheckBox::indicator:focus { border: ${focus_px}px solid $accent; }
QCheckBox::indicator:checked:focus { border-color: $text; }
QRadioButton::indicator { width: ${ring}px; height: ${ring}px; border: ${line_px}px solid $muted;
  border-radius: ${ring_radius}px;
  background: $raised; }
QRadioButton::indicator:checked { border: ${ring_line}px solid $accent; width: ${ring_dot}px;
  height: ${ring_dot}px; }

QTableView::item { padding: 0 5px; }
QListView, QTreeView, QTableView { background: transparent; color: $text; border: none; }
QListView::item, QTreeView::item { padding: 6px 8px; border-radius: ${field}px; color: $text; }
QListView::item:hover, QTreeView::item:hover { background: $hover; }
QListView::item:selected, QTreeView::item:selected { background: $select; color: $text; }
QListView::item:selected:focus, QTreeView::item:selected:focus {
  border: ${focus_px}px solid $accent; padding: 5px 7px; }
QTreeView { icon-size: ${menu_icon}px; }
QTreeView::branch:closed:has-children { image: url($art/chevron_right.png); }
QTreeView::branch:open:has-children { image: url($art/chevron.png); }
QHeaderView::section { background: transparent; color: $muted; border: none;
  border-bottom: ${line_px}px solid $line; padding: 4px 8px; }

QMenu { background: $raised; color: $text; border: ${line_px}px solid $line; border-radius: ${card}px;
  padding: 4px; }
QMenu::item { padding: 6px ${menu_end}px 6px 12px; border-radius: ${small}px; }
QMenu::item:selected { background: $select; }
QMenu::item:disabled { color: $faded; }
QMenu::separator { height: ${line_px}px; background: $line; margin: 4px 8px; }
QMenu { icon-size: ${menu_icon}px; }
QMenu::icon { left: 8px; }
QMenu::indicator { width: ${menu_icon}px; height: ${menu_icon}px; left: 8px; }
QMenu::indicator:checked { image: url($art/tick.png); }
QMenu::right-arrow { image: url($art/chevron_right.png); width: ${arrow}px; height: ${arrow}px; right: 8px; }
QToolTip { background: $raised; color: $text; border: ${line_px}px solid $line; padding: 4px 8px; }

QScrollArea { border: none; background: transparent; }
QScrollBar:vertical { background: transparent; width: ${bar}px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: ${bar}px; margin: 2px; }
QScrollBar::handle { background: $handle; border-radius: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: ${line_px}px; }
QSplitter::handle:vertical { height: ${line_px}px; }
QSplitter::handle:hover { background: $accent; }

QProgressBar { background: $track; border: none; border-radius: 2px; max-height: 4px; min-height: 4px;
  color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QProgressBar[kind="sage"]::chunk { background: $sage; }
QProgressBar[kind="muted"]::chunk { background: $muted; }
QProgressBar[kind="amber"]::chunk { background: $amber; }
QTabBar::tab { background: transparent; color: $muted; padding: 6px 12px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $accent; border: ${focus_px}px solid $accent; border-radius: ${field}px; }
QTabWidget::pane { border: none; border-top: ${line_px}px solid $line; }
QSlider:horizontal { min-height: ${knob_room}px; }
QSlider::groove:horizontal { height: 4px; background: $track; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { background: $raised; border: ${line_px}px solid $muted;
  width: ${knob}px; margin: -${knob_over}px 0; border-radius: ${knob_radius}px; }
QSlider::handle:horizontal:focus { border: ${focus_px}px solid $accent; }
QStatusBar { background: $panel; color: $muted; }
""")


# pixels at 100 %, of pictures and boxes that stand in a line with text
_GROWING = {
    "arrow": 12,
    "drop": 24,
    "step": 18,
    "step_arrow": 10,
    "box": 16,
    "menu_icon": 16,
    "menu_end": 24,
    "bar": 10,
}


def _growth(text_scale: float) -> float:
    return max(1.0, 1 + (text_scale - 1) * 0.6)


def stylesheet(theme: Theme, art: str, text_scale: float = 1.0) -> str:
    """The application's style sheet. `art` is the folder that `draw_art` has filled."""
    growth = _growth(text_scale)
    ring = round(8 * growth)  # half of a radio button
    knob = round(7 * growth)  # half of what is dragged along a slider
    values: dict[str, object] = {name: getattr(theme, name) for name in TOKENS}
    values |= {
        "hover": mixed(theme.text, theme.panel, 0.07),
        "hover_raised": mixed(theme.text, theme.raised, 0.05),
        "pressed": mixed(theme.text, theme.panel, 0.12),
        "idle": mixed(theme.text, theme.ground, 0.12),
        "handle": mixed(theme.muted, theme.ground, 0.4),
        "faded": mixed(theme.muted, theme.ground, 0.6),
        "accent_hover": mixed(theme.text, theme.accent, 0.12),
        "accent_pressed": mixed(theme.text, theme.accent, 0.24),
        "line_px": theme.line_px,
        "focus_px": theme.focus_px,
        "small": radius.small,
        "field": radius.field,
        "card": radius.card,
        "space": space.s,
        **{name: round(px * growth) for name, px in _GROWING.items()},
        "ring": 2 * ring - 2,
        "ring_radius": ring,
        "ring_dot": 2 * (ring - round(5 * growth)),
        "ring_line": round(5 * growth),
        "knob": 2 * knob,
        "knob_room": 2 * (knob + theme.focus_px),
        "knob_over": knob - 1,
        "knob_radius": knob,
        "caption_pt": type_size.caption * text_scale,
        "reply_pt": type_size.reply * text_scale,
        "title_pt": type_size.title * text_scale,
        "heading_pt": type_size.heading * text_scale,
        "art": art,
    }
    return _SHEET.substitute(values)


def draw_art(theme: Theme, folder: str, text_scale: float = 1.0) -> str:
    """Write the small pictures that the style sheet names, at single and double density; gives the place.

    Each look has a folder of its own: Qt remembers a picture by its file's name.
    """
    place = Path(folder) / f"{theme.name}-{round(100 * text_scale)}"
    if place.is_dir():
        return place.as_posix()
    place.mkdir(parents=True)
    pieces = {
        "chevron": ("chevron_down", theme.muted),
        "chevron_up": ("chevron_up", theme.muted),
        "chevron_right": ("chevron_right", theme.muted),
        "check": ("check", theme.on_accent),
        "tick": ("check", theme.accent),
    }
    for stem, (name, color) in pieces.items():
        for factor, suffix in ((1, ""), (2, "@2x")):
            side = round(16 * _growth(text_scale)) * factor
            pixmap = QPixmap(side, side)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            paint_icon(painter, name, QRectF(0, 0, side, side), QColor(color))
            painter.end()
            pixmap.save(str(place / f"{stem}{suffix}.png"))
    return place.as_posix()


def set_kind(widget: QWidget, kind: str) -> None:
    """Give a widget one of the looks named above, also after it was shown."""
    widget.setProperty("kind", kind)
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):  # else it is styled when it is shown
        widget.style().unpolish(widget)
        widget.style().polish(widget)
