"""Which theme the application wears, and how it follows the system's. Chooses no colours itself."""

from typing import Literal, cast

from PySide6.QtCore import QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from desktop.fonts import Brought, bring
from desktop.ui.theme.tokens import DARK, HIGH_CONTRAST, LIGHT, THEMES, Theme, mixed, type_size

Choice = Literal["system", "light", "dark", "high_contrast"]


class Appearance(QObject):
    """The theme in use, kept as a child of the application. `changed(Theme)` after every change."""

    changed = Signal(object)

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        global _worn
        _worn = self
        self.theme = LIGHT
        self.choice: Choice = "light"
        self.text_scale = 1.0
        self.still = False  # less motion is wanted
        self.brought = bring()  # fonts of ours, where the system has none
        self.art = QTemporaryDir()  # arrows and checks that a style sheet can only take from files
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)
        # asking for more contrast: Qt tells since 6.10
        accessibility = getattr(hints, "accessibility", None)
        if accessibility is not None:
            accessibility().contrastPreferenceChanged.connect(self._system_changed)

    def _system_changed(self) -> None:
        app = QApplication.instance()
        if self.choice == "system" and isinstance(app, QApplication):
            apply_theme(app, system_theme(app))


_worn: Appearance | None = None  # an application has one; painting asks for it hundreds of times a frame


def appearance() -> Appearance | None:
    """The application's appearance, or None while no theme was applied."""
    return _worn if _worn is not None and isValid(_worn) else None


def current_theme() -> Theme:
    """The theme the application wears; light until one was applied."""
    found = appearance()
    return LIGHT if found is None else found.theme


def system_theme(app: QApplication) -> Theme:
    """What the system asks for at present."""
    if wants_contrast(app):
        return HIGH_CONTRAST
    return DARK if app.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT


def wants_contrast(app: QApplication) -> bool:
    """Whether the system asks for high contrast, as far as this Qt tells (6.10 does)."""
    accessibility = getattr(app.styleHints(), "accessibility", None)
    preference = getattr(Qt, "ContrastPreference", None)
    if accessibility is None or preference is None:
        return False
    return bool(accessibility().contrastPreference() == preference.HighContrast)


def choose_theme(app: QApplication, choice: Choice, text_percent: int | None = None) -> None:
    """Wear what the person chose; "system" follows the system from now on."""
    worn = appearance() or Appearance(app)
    if text_percent is not None:
        worn.text_scale = text_percent / 100
    theme = THEMES.get(choice, LIGHT) if choice != "system" else system_theme(app)
    apply_theme(app, theme)
    worn.choice = choice


def set_text_percent(app: QApplication, text_percent: int) -> None:
    """Have all text in this size; widgets alive follow at once."""
    worn = appearance() or Appearance(app)
    if worn.text_scale != text_percent / 100:
        worn.text_scale = text_percent / 100
        choice = worn.choice
        apply_theme(app, worn.theme)
        worn.choice = choice


def text_scale() -> float:
    """How much larger than normal all text is."""
    found = appearance()
    return 1.0 if found is None else found.text_scale


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Dress the application: style, font, palette and style sheet. Widgets alive follow at once."""
    from desktop.ui.theme.growing import grow_all
    from desktop.ui.theme.stylesheet import draw_art, stylesheet

    worn = appearance() or Appearance(app)
    worn.theme, worn.choice = theme, cast("Choice", theme.name)
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    app.setFont(interface_font())
    app.setPalette(palette(theme))
    art = draw_art(theme, worn.art.path(), worn.text_scale)
    app.setStyleSheet(stylesheet(theme, art, worn.text_scale))
    grow_all(app)
    worn.changed.emit(theme)


def interface_font(size: float = type_size.interface, scale: float | None = None) -> QFont:
    """The system's interface font at `size` points, times `scale`; None: as large as all text is."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if _brought().interface:
        font.setFamilies([_brought().interface])
    font.setPointSizeF(size * (text_scale() if scale is None else scale))
    return font


def code_font(size: float = type_size.reply * type_size.code_scale, scale: float | None = None) -> QFont:
    """The system's fixed font, sized as `interface_font` is."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    if _brought().code:
        font.setFamilies([_brought().code])
    font.setPointSizeF(size * (text_scale() if scale is None else scale))
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def _brought() -> Brought:
    found = appearance()
    return Brought() if found is None else found.brought


def palette(theme: Theme) -> QPalette:
    """Qt's palette from the theme's tokens."""
    role = QPalette.ColorRole
    colors = {
        role.Window: theme.ground,
        role.WindowText: theme.text,
        role.Base: theme.raised,
        role.AlternateBase: theme.panel,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.muted,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.danger,
        role.Light: theme.raised,
        role.Midlight: theme.panel,
        role.Mid: theme.line,
        role.Dark: theme.line,
        role.Shadow: mixed(theme.text, theme.ground, 0.4),
        role.Highlight: theme.select,
        role.HighlightedText: theme.text,
        role.Accent: theme.accent,
        role.Link: theme.link,
        role.LinkVisited: theme.link,
    }
    result = QPalette()
    for where, color in colors.items():
        result.setColor(where, QColor(color))
    faded = QColor(mixed(theme.muted, theme.ground, 0.6))
    for where in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, where, faded)
    return result
