"""How a model fits, painted: a bar for each device, the sentence, and what could be changed."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.models import texts
from desktop.ui.models.parts import flowing
from desktop.ui.pieces import label
from desktop.ui.theme import current_theme, mixed, space
from desktop.words import fit as fit_words
from engine.devices import Device
from engine.fit import Fit, Usage

BAR_PX = 8
EDGE_PX = 14  # the mark where the free memory ends stands out of the bar
GAP_PX = 1


class FitBar(QWidget):
    """Weights, KV cache and the rest against what is free; what is missing lies beyond the edge."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._usage = Usage(0, 0, 0)
        self._budget = 0
        self._missing = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, EDGE_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(48, EDGE_PX)

    def show_usage(self, usage: Usage, device: Device, missing_bytes: int) -> None:
        """`missing_bytes`: what would have to be free besides on this device."""
        self._usage, self._missing = usage, missing_bytes
        self._budget = max(1, device.budget_bytes)
        self.update()

    @property
    def shares(self) -> tuple[float, float, float, float, float]:
        """Where weights, cache, compute, the memory and what is missing end (0..1; 0: none is)."""
        weights = self._usage.weights_bytes
        kv = weights + self._usage.kv_bytes
        used = self._usage.bytes
        beyond = self._budget + self._missing
        whole = max(beyond, used, 1)
        ends = (weights, kv, used, self._budget, beyond if self._missing else 0)
        return tuple(end / whole for end in ends)  # type: ignore[return-value]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(0, (self.height() - BAR_PX) / 2, self.width(), BAR_PX)
        clip = QPainterPath()
        clip.addRoundedRect(track, BAR_PX / 2, BAR_PX / 2)
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(track, QColor(mixed(theme.muted, theme.raised, 0.18)))
        weights, kv, used, edge, beyond = self.shares
        colors = (theme.sage, mixed(theme.sage, theme.raised, 0.62), mixed(theme.sage, theme.raised, 0.36))
        start = 0.0
        for end, color in zip((weights, kv, used), colors, strict=True):
            if end > start:
                self._fill(painter, track, start, end, color)
            start = max(start, end)
        if beyond:
            self._fill(painter, track, edge, 1.0, theme.amber)
        painter.restore()
        if beyond:
            x = round(edge * self.width())
            painter.setPen(QPen(QColor(theme.text), 2))
            painter.drawLine(x, 0, x, self.height())
        painter.end()

    def _fill(self, painter: QPainter, track: QRectF, start: float, end: float, color: str) -> None:
        left, right = start * track.width(), end * track.width()
        room = max(1.0, right - left - GAP_PX)
        painter.fillRect(QRectF(track.left() + left, track.top(), room, track.height()), QColor(color))


class FitView(QWidget):
    """A fit in a bar and words. `rich` also says what takes the memory and with what settings it loads."""

    def __init__(self, *, rich: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rich = rich
        self._bars: list[tuple[QLabel, FitBar]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.xs)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(space.s)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        column.addLayout(self._grid)
        self.sentence = flowing()
        self.hint = flowing(kind="muted")
        self.settings = flowing()
        self.figures = flowing(kind="caption")
        for widget in (self.sentence, self.settings, self.hint, self.figures):
            column.addWidget(widget)

    def show_fit(self, fit: Fit | None) -> None:
        """None: nobody knows yet."""
        shown = [] if fit is None else _shown(fit)
        while len(self._bars) < max(1, len(shown)):
            self._add_bar()
        named = len(shown) > 1
        for number, (name, bar) in enumerate(self._bars):
            there = number < max(1, len(shown))
            bar.setVisible(there)
            name.setVisible(there and named)
            if number < len(shown):
                device, usage, missing = shown[number]
                name.setText(texts.device_name(device))
                bar.show_usage(usage, device, missing)
        if fit is None:
            self._say(_("Looking at how it fits"))
            self._bars[0][1].show_usage(Usage(0, 0, 0), Device("", "cpu", 0, 0), 0)
            return
        figures = texts.usage(fit)
        words = (texts.settings_of(fit), figures) if self._rich else ("", "")
        self._say(fit_words.sentence(fit), fit_words.hint(fit), *words)
        for _name, bar in self._bars:
            bar.setToolTip(figures)

    def _say(self, sentence: str, hint: str = "", settings: str = "", figures: str = "") -> None:
        widgets = (self.sentence, self.hint, self.settings, self.figures)
        for widget, words in zip(widgets, (sentence, hint, settings, figures), strict=True):
            widget.setText(words)
            widget.setVisible(bool(words))
        self.setAccessibleName(" ".join(part for part in (sentence, hint) if part))

    def _add_bar(self) -> None:
        name, bar = label("", "caption"), FitBar()
        row = len(self._bars)
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(bar, row, 1)
        self._bars.append((name, bar))


def _shown(fit: Fit) -> list[tuple[Device, Usage, int]]:
    """The devices that matter to a fit, GPUs first, each with what is missing on it."""
    pairs = [(device, usage) for device, usage in zip(fit.devices, fit.usage, strict=True) if usage.bytes]
    pairs.sort(key=lambda pair: pair[0].kind == "cpu")
    missing = fit.missing_bytes
    # what is missing stands at the device that is asked for more than it has, else at the first
    short = [max(0, usage.bytes - device.budget_bytes) for device, usage in pairs]
    if missing and not any(short):
        short = [missing if place == 0 else 0 for place in range(len(pairs))]
    return [(device, usage, lack) for (device, usage), lack in zip(pairs, short, strict=True)]
