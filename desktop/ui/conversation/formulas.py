"""Formulas as outlines: asked of the process that sets them, kept, and drawn in lines of text.

The window's thread only sends, and builds the paths that came. A formula that does not come in time, or
cannot be set, is told apart from one that is still on its way: its source is its text from then on.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec
from PySide6.QtCore import QObject, QProcess, QRect, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QBrush,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPyTextObject,
    QTextCharFormat,
    QTextDocument,
    QTextFormat,
)
from shiboken6 import isValid

from desktop.core.workers.formulas import EM, Outlines, SetFormula, command, settable
from desktop.ui.conversation.outlines import packed, path_of

OBJECT: Final = QTextFormat.ObjectTypes.UserObject.value + 1
SOURCE: Final = QTextFormat.Property.UserProperty.value + 1  # the formula without its marks
MARKUP: Final = QTextFormat.Property.UserProperty.value + 2  # as it was written
DISPLAY: Final = QTextFormat.Property.UserProperty.value + 3
LIMIT_MS: Final = 2_000  # for one formula, once the process runs
START_MS: Final = 20_000  # for the first one
IDLE_MS: Final = 60_000  # the process holds 50 MB: it ends when nobody asks
_KEPT: Final = (
    250  # formulas; and all that were met lately, so that what is in sight pushes nothing of it out
)
_ELEMENTS: Final = 2_000  # of paths, an eighth of a MB; and all that were painted lately
_LATELY_S: Final = 3.0
_PENDING_PX: Final = 320.0  # of a source that stands in for its formula
Key = tuple[str, bool]


@dataclass(frozen=True)
class Drawing:
    """A formula's outline from the left end of its baseline, in units of `EM` to the font's size.

    Paths take thirty times as much as what is `packed`, and few of them are in sight.
    """

    packed: bytes
    width: float
    ascent: float
    descent: float


class Formulas(QObject):
    """Every formula that was met lately. `find` never waits."""

    came = Signal()  # formulas that were asked for are there, or will not come

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known: OrderedDict[Key, tuple[Drawing | None, float]] = OrderedDict()  # and when it was met
        self._paths: OrderedDict[Key, tuple[QPainterPath, float]] = OrderedDict()  # and when it was painted
        self._elements = 0  # of all of them
        self._wanted: OrderedDict[Key, None] = OrderedDict()
        self._asked: Key | None = None
        self._number = 0
        self._fresh = True  # the process has not answered yet
        self._read = b""
        self._process: QProcess | None = None
        self._limit = QTimer(self, singleShot=True)
        self._limit.timeout.connect(self._too_late)
        self._idle = QTimer(self, singleShot=True, interval=IDLE_MS)
        self._idle.timeout.connect(self.close)
        self._tell = QTimer(self, singleShot=True, interval=30)
        self._tell.timeout.connect(self.came)
        self.handler = FormulaObject(self)

    @property
    def busy(self) -> bool:
        """Some are on their way, or came and were not told of yet."""
        return self._asked is not None or bool(self._wanted) or self._tell.isActive()

    def find(self, source: str, display: bool) -> Drawing | None:
        """The formula, or None while it is on its way and when it cannot be set."""
        key = (source, display)
        if key in self._known:
            drawing, _met = self._known.pop(key)
            self._known[key] = drawing, time.monotonic()
            return drawing
        if key == self._asked:
            return None
        if not settable(source):
            self._keep(key, None)
            return None
        self._wanted[key] = None
        self._wanted.move_to_end(key, last=False)  # what is in sight now goes first
        QTimer.singleShot(0, self, self._next)
        return None

    def path(self, source: str, display: bool) -> QPainterPath:
        """The outline of a formula that is there."""
        key, drawing = (source, display), self.find(source, display)
        path, _painted = self._paths.pop(key, (None, 0.0))
        if path is None:
            path = path_of(drawing.packed) if drawing is not None else QPainterPath()
        else:
            self._elements -= path.elementCount()
        now = time.monotonic()
        self._paths[key] = path, now
        self._elements += path.elementCount()
        while self._elements > _ELEMENTS and next(iter(self._paths.values()))[1] < now - _LATELY_S:
            self._elements -= self._paths.popitem(last=False)[1][0].elementCount()
        return path

    def failed(self, source: str, display: bool) -> bool:
        """It cannot be set: its source is its text."""
        return self.find(source, display) is None and (source, display) in self._known

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        self._limit.stop()
        self._asked = None
        if process is not None:
            process.blockSignals(True)  # its end is no news
            _end(process)
            process.deleteLater()

    # ── the process ──

    def _next(self) -> None:
        if self._asked is not None or not self._wanted:
            return
        if self._process is None:
            self._start()
        process = self._process
        if process is None:
            return
        self._asked, _ = self._wanted.popitem(last=False)
        self._number += 1
        asked = SetFormula(self._number, *self._asked)
        process.write(msgspec.json.encode(asked) + b"\n")
        self._idle.stop()
        self._limit.start(START_MS if self._fresh else LIMIT_MS)

    def _start(self) -> None:
        program, *arguments = command()
        process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.SeparateChannels)
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._take)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._ended)
        self.destroyed.connect(partial(_end, process))  # it must not end behind the window
        self._process, self._fresh, self._read = process, True, b""
        process.start(program, arguments)

    def _take(self) -> None:
        if self._process is None:
            return
        self._read += bytes(self._process.readAllStandardOutput().data())
        line, found, rest = self._read.partition(b"\n")
        if not found or self._asked is None:
            return
        self._read, self._fresh = rest, False
        self._limit.stop()
        key, self._asked = self._asked, None
        self._keep(key, _drawing(line))
        if self._wanted:
            QTimer.singleShot(0, self, self._next)
        else:
            self._idle.start()

    def _too_late(self) -> None:
        self._give_up()

    def _ended(self, *_how: object) -> None:
        if self._process is not None:
            self._give_up()

    def _give_up(self) -> None:
        """The formula that was asked for is the reason, as far as anybody can tell."""
        key = self._asked
        self.close()
        if key is not None:
            self._keep(key, None)
        QTimer.singleShot(0, self, self._next)

    def _keep(self, key: Key, drawing: Drawing | None) -> None:
        now = time.monotonic()
        self._known[key] = drawing, now
        while len(self._known) > _KEPT and next(iter(self._known.values()))[1] < now - _LATELY_S:
            self._known.popitem(last=False)
        if not self._tell.isActive():
            self._tell.start()


def _end(process: QProcess) -> None:
    if isValid(process):
        process.kill()
        process.waitForFinished(500)


def _drawing(line: bytes) -> Drawing | None:
    answer = msgspec.json.decode(line, type=Outlines)
    if not answer.fills and not answer.strokes:
        return None
    return Drawing(packed(answer), answer.width, answer.ascent, answer.descent)


class FormulaObject(QPyTextObject):
    """A formula as one character of a document, on the baseline of its line."""

    def __init__(self, formulas: Formulas) -> None:
        super().__init__(formulas)
        self._formulas = formulas

    def form(self, base: QTextCharFormat, source: str, markup: str, *, display: bool) -> QTextCharFormat:
        """The format of the character that stands for a formula."""
        form = QTextCharFormat(base)
        form.setObjectType(OBJECT)
        form.setProperty(SOURCE, source)
        form.setProperty(MARKUP, markup)
        form.setProperty(DISPLAY, display)
        drawing = self._formulas.find(source, display)
        if drawing is not None and not _fits(drawing, form):
            form.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignMiddle)
        return form

    def intrinsicSize(self, doc: QTextDocument, pos: int, form: QTextFormat) -> QSizeF:  # noqa: ARG002
        char = form.toCharFormat()
        metrics = QFontMetricsF(char.font())
        drawing = self._drawing(char)
        if drawing is None:
            said = metrics.horizontalAdvance(str(char.property(SOURCE)))
            return QSizeF(min(_PENDING_PX, said), metrics.ascent())
        scale = _scale(char)
        above, below = drawing.ascent * scale, drawing.descent * scale
        if char.verticalAlignment() == QTextCharFormat.VerticalAlignment.AlignMiddle:
            half = metrics.xHeight() / 2
            return QSizeF(drawing.width * scale + 1, max(2 * above - half, 2 * below + half, 1.0))
        return QSizeF(drawing.width * scale + 1, max(1.0, above))

    def drawObject(
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        doc: QTextDocument,  # noqa: ARG002
        pos: int,  # noqa: ARG002
        form: QTextFormat,
    ) -> None:
        char, rect = form.toCharFormat(), QRectF(rect)
        drawing = self._drawing(char)
        color = char.foreground().color()
        if drawing is None:
            color.setAlphaF(0.6)
            painter.setPen(color)
            painter.setFont(char.font())
            said = QFontMetricsF(char.font()).elidedText(
                str(char.property(SOURCE)), Qt.TextElideMode.ElideRight, rect.width() + 1
            )
            painter.drawText(rect.bottomLeft(), said)
            return
        baseline = rect.bottom()
        if char.verticalAlignment() == QTextCharFormat.VerticalAlignment.AlignMiddle:
            baseline = rect.top() + (rect.height() + QFontMetricsF(char.font()).xHeight() / 2) / 2
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(rect.left(), baseline)
        painter.scale(_scale(char), _scale(char))
        painter.fillPath(
            self._formulas.path(str(char.property(SOURCE)), bool(char.property(DISPLAY))), QBrush(color)
        )
        painter.restore()

    def _drawing(self, form: QTextCharFormat) -> Drawing | None:
        return self._formulas.find(str(form.property(SOURCE)), bool(form.property(DISPLAY)))


def _scale(form: QTextCharFormat) -> float:
    """Pixels to a unit of a drawing."""
    font = form.font()
    return font.pointSizeF() * QFontMetricsF(font).fontDpi() / 72 / EM


def _fits(drawing: Drawing, form: QTextCharFormat) -> bool:
    """Below the baseline it takes no more room than letters do."""
    return drawing.descent * _scale(form) <= QFontMetricsF(form.font()).descent() + 1


def place_formula(document: QTextDocument, formulas: Formulas) -> None:
    """Have a document's formulas drawn."""
    document.documentLayout().registerHandler(OBJECT, formulas.handler)
