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
    system_theme,
)
from desktop.ui.theme.icons import DRAWINGS, icon, paint_icon
from desktop.ui.theme.stylesheet import set_kind
from desktop.ui.theme.tokens import DARK, LIGHT, THEMES, Theme, Token, layout, mixed, radius, space, type_size

__all__ = [
    "DARK",
    "DRAWINGS",
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
    "icon",
    "interface_font",
    "layout",
    "mixed",
    "paint_icon",
    "radius",
    "set_kind",
    "space",
    "system_theme",
    "type_size",
]
