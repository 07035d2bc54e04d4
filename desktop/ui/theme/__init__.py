"""How everything looks: tokens, palette, style sheet, icons. Holds no widgets."""

from desktop.ui.theme.appearance import (
    Appearance,
    Choice,
    appearance,
    apply_theme,
    choose_theme,
    code_font,
    current_theme,
    interface_font,
    set_text_percent,
    system_theme,
    text_scale,
)
from desktop.ui.theme.growing import grow, grown
from desktop.ui.theme.icons import DRAWINGS, icon, paint_icon
from desktop.ui.theme.stylesheet import set_kind
from desktop.ui.theme.tokens import (
    DARK,
    HIGH_CONTRAST,
    LIGHT,
    THEMES,
    Theme,
    Token,
    layout,
    mixed,
    radius,
    space,
    type_size,
)

__all__ = [
    "DARK",
    "DRAWINGS",
    "HIGH_CONTRAST",
    "LIGHT",
    "THEMES",
    "Appearance",
    "Choice",
    "Theme",
    "Token",
    "appearance",
    "apply_theme",
    "choose_theme",
    "code_font",
    "current_theme",
    "grow",
    "grown",
    "icon",
    "interface_font",
    "layout",
    "mixed",
    "paint_icon",
    "radius",
    "set_kind",
    "set_text_percent",
    "space",
    "system_theme",
    "text_scale",
    "type_size",
]
