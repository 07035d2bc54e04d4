"""The look as data: colours, type sizes, spaces and radii. Paints nothing and knows no widget."""

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Final, Literal

ThemeName = Literal["light", "dark", "high_contrast"]
Token = Literal[
    "ground",
    "panel",
    "raised",
    "line",
    "track",
    "text",
    "muted",
    "accent",
    "on_accent",
    "sage",
    "amber",
    "danger",
    "select",
    "link",
]


@dataclass(frozen=True)
class Theme:
    """One set of colours, each as #RRGGBB, and whether it is meant for dark surroundings.

    `focus_px` and `line_px` are the widths of the focus ring and of hairlines: a set for high contrast
    is a third value of this type with wider ones.
    """

    name: ThemeName
    dark: bool
    ground: str  # the conversation
    panel: str  # side bars, code
    raised: str  # composer, cards, menus
    line: str  # hairlines
    track: str  # what is not filled of a bar: never taken for something that is
    text: str
    muted: str  # secondary text, icons at rest
    accent: str  # the one primary action, focus ring, current item
    on_accent: str
    sage: str  # documents, success
    amber: str  # warnings
    danger: str  # destructive actions, errors
    select: str  # selected rows and text
    link: str
    focus_px: int = 2
    line_px: int = 1

    def color(self, token: Token) -> str:
        """The colour behind a token's name, as #RRGGBB."""
        value: str = getattr(self, token)
        return value


LIGHT: Final = Theme(
    name="light",
    dark=False,
    ground="#FBF8F3",
    panel="#F3EEE6",
    raised="#FFFFFF",
    line="#DDD5C8",
    track="#DDD5C8",
    text="#26221C",
    muted="#6B6255",
    accent="#A8472A",
    on_accent="#FFFFFF",
    sage="#4B6B4F",
    amber="#8A5A00",
    danger="#A3262A",
    select="#F0D9CC",
    link="#8A3B22",
)

DARK: Final = Theme(
    name="dark",
    dark=True,
    ground="#1B1917",
    panel="#23201D",
    raised="#2B2723",
    line="#3D3731",
    track="#3D3731",
    text="#EDE7DD",
    muted="#A89E90",
    accent="#E08A66",
    on_accent="#1B1917",
    sage="#93B897",
    amber="#E0B050",
    danger="#F08A84",
    select="#4A3226",
    link="#E9A183",
)

# for those who see little: black and white, wide lines, and what is only told by colour kept far apart
HIGH_CONTRAST: Final = Theme(
    name="high_contrast",
    dark=True,
    ground="#000000",
    panel="#000000",
    raised="#0D0D0D",
    line="#B8B0A4",
    track="#6B665F",
    text="#FFFFFF",
    muted="#E4DED4",
    accent="#FFC266",
    on_accent="#000000",
    sage="#A6E3A1",
    amber="#FFD75E",
    danger="#FF9C94",
    select="#5C3A00",
    link="#FFC9A3",
    focus_px=3,
    line_px=1,
)

THEMES: Final = {theme.name: theme for theme in (LIGHT, DARK, HIGH_CONTRAST)}
TOKENS: Final = tuple(
    field.name for field in fields(Theme) if field.name not in {"name", "dark", "focus_px", "line_px"}
)


@dataclass(frozen=True)
class Spaces:
    """Distances in pixels. Nothing in the window stands at any other."""

    xs: int = 4
    s: int = 8
    m: int = 12
    l: int = 16  # noqa: E741  the scale's own name
    xl: int = 24
    xxl: int = 32


@dataclass(frozen=True)
class Radii:
    """Corner radii in pixels."""

    small: int = 4  # rows, inline code
    field: int = 6  # buttons and fields
    card: int = 8  # cards and the composer


@dataclass(frozen=True)
class TypeSizes:
    """Sizes in points, in steps of 1.2 around the interface's 10.5; replies are a little larger."""

    caption: float = 8.75
    small: float = 9.5
    interface: float = 10.5
    reply: float = 11.5
    title: float = 12.6
    heading: float = 15.1
    display: float = 18.1
    reply_line_height: float = 1.5
    code_scale: float = 0.92


@dataclass(frozen=True)
class Layout:
    """Fixed measures of the window, in pixels at 100 %."""

    sidebar_px: int = 240
    side_panel_px: int = 320
    conversation_px: int = 760
    motion_ms: int = 120


space: Final = Spaces()
radius: Final = Radii()
type_size: Final = TypeSizes()
layout: Final = Layout()


@lru_cache(maxsize=1024)  # asked for with every row and token that is painted
def mixed(over: str, under: str, share: float) -> str:
    """`over` laid upon `under` with opacity `share` (0..1), as #RRGGBB."""
    pairs = ((int(over[i : i + 2], 16), int(under[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02X}" for a, b in pairs)
