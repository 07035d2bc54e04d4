"""The views of the inside, one widget each: they show a `TextSeen` and tell what a person chose in it."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QSlider, QVBoxLayout, QWidget

from desktop.i18n import _, number, percent
from desktop.ui.folding_row import FoldingRow
from desktop.ui.insight.curve import Curve
from desktop.ui.insight.knobs import KnobSliders
from desktop.ui.line_signs import lead_with_icon
from desktop.ui.models.parts import flowing
from desktop.ui.pieces import label
from desktop.ui.theme import space
from desktop.ui.workshop.fields import field, whole_field
from desktop.ui.workshop.inside.bars import Bars
from desktop.ui.workshop.inside.chips import Chips, shown
from desktop.ui.workshop.inside.heat import Heat, head_name
from desktop.ui.workshop.inside.map import EmbeddingMap
from desktop.ui.workshop.inside.words import part_words
from desktop.view_models.chances import chances
from engine.protocol import Alternative
from engine.train.looks import Neighbourhood, TextSeen

HEADS_ACROSS = 5


class Panel(QWidget):
    """A column that shows what was seen."""

    def __init__(self) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(space.s)

    def show_seen(self, seen: TextSeen) -> None:
        """Fill it."""


class TokensPanel(Panel):
    """A slider from bytes to tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(_("Rounds of merging"))
        self.slider.valueChanged.connect(lambda _at: self._show())
        row = QHBoxLayout()
        row.setSpacing(space.m)
        row.addWidget(self.slider, 1)
        self.said = label("", "caption")
        row.addWidget(self.said)
        self.column.addLayout(row)
        self.chips = Chips(choosing=False)
        self.column.addWidget(self.chips)
        self._merges: tuple[tuple[str, ...], ...] = ()

    def show_seen(self, seen: TextSeen) -> None:
        if seen.merges != self._merges:
            self._merges = seen.merges
            self.slider.setRange(0, max(0, len(seen.merges) - 1))
            self.slider.setValue(self.slider.maximum())
        self._show()

    def _show(self) -> None:
        if not self._merges:
            return
        at = min(self.slider.value(), len(self._merges) - 1)
        words = _("round {at} of {count}: {pieces} pieces")
        pieces = self._merges[at]
        self.said.setText(
            words.format(at=number(at), count=number(len(self._merges) - 1), pieces=number(len(pieces)))
        )
        self.chips.show_pieces(pieces)


class AttentionPanel(Panel):
    """One layer: all of its heads small, the chosen one large."""

    layer_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._seen: TextSeen | None = None
        self.head = 0
        self.layer = whole_field(1, 1, lambda value: self.layer_chosen.emit(value - 1))
        self.which = whole_field(1, 1, self._choose)
        numbers = FoldingRow()
        numbers.setSpacing(space.l)
        numbers.addLayout(field(_("Layer"), self.layer))
        numbers.addLayout(field(_("Head"), self.which))
        numbers.addStretch(1)
        self.column.addLayout(numbers)
        row = FoldingRow()
        row.setSpacing(space.l)
        self.large = Heat(large=True)
        row.addWidget(self.large, 0, Qt.AlignmentFlag.AlignTop)
        self._small = QWidget()
        self._grid = QGridLayout(self._small)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(space.xs)
        row.addWidget(self._small, 0, Qt.AlignmentFlag.AlignTop)
        row.addStretch(1)
        self.column.addLayout(row)
        self.said = flowing("", "caption")
        self.column.addWidget(self.said)
        self.small: list[Heat] = []

    def _choose(self, value: int) -> None:
        self.head = value - 1
        self._show()

    def show_seen(self, seen: TextSeen) -> None:
        self._seen = seen
        for box, most, value in (
            (self.layer, seen.layers, seen.layer + 1),
            (self.which, seen.heads, min(self.head, seen.heads - 1) + 1),
        ):
            box.blockSignals(True)
            box.setRange(1, most)
            box.setValue(value)
            box.blockSignals(False)
        self.head = min(self.head, seen.heads - 1)
        while len(self.small) < seen.heads:
            at = len(self.small)
            self.small.append(Heat())
            # the field says the same to those who have no mouse
            self.small[at].clicked.connect(partial(self.which.setValue, at + 1))
            self._grid.addWidget(self.small[at], at // HEADS_ACROSS, at % HEADS_ACROSS)
        for at, heat in enumerate(self.small):
            heat.setVisible(at < seen.heads)
            if at < seen.heads:
                heat.show_head(_head(seen, at), len(seen.pieces), seen.pieces, -1, head_name(seen.layer, at))
        self._show()

    def _show(self) -> None:
        seen = self._seen
        if seen is None:
            return
        name = head_name(seen.layer, self.head)
        self.large.show_head(_head(seen, self.head), len(seen.pieces), seen.pieces, seen.place, name)
        self.said.setText(f"{name}. {self.large.accessibleDescription()}.")


def _head(seen: TextSeen, head: int) -> bytes:
    size = len(seen.pieces) ** 2
    return seen.attention[head * size : (head + 1) * size]


class LayersPanel(Panel):
    """The guess after the embedding and after each layer."""

    def __init__(self) -> None:
        super().__init__()
        self.bars: list[Bars] = []

    def show_seen(self, seen: TextSeen) -> None:
        while self.bars:
            old = self.bars.pop()
            old.setParent(None)
            old.deleteLater()
        rows = []
        for at, some in enumerate(seen.after):
            name = _("Embedding") if at == 0 else _("after layer {layer}").format(layer=number(at))
            others = "  ".join(shown(one.text) for one in some[1:4])
            words = f"{percent(some[0].p, 1)}   {shown(some[0].text)}   ({others})"
            rows.append((name, some[0].p, words))
        made = Bars(_("Guesses after each layer"))
        made.show_rows(rows)
        self.bars.append(made)
        self.column.addWidget(made)


class EmbeddingsPanel(Panel):
    """A map, a field to look for a word in, and its neighbours."""

    def __init__(self) -> None:
        super().__init__()
        self.search = QLineEdit()
        lead_with_icon(self.search, "search")
        self.search.setPlaceholderText(_("A word, and its neighbours light up"))
        self.column.addLayout(field(_("Look for"), self.search))
        self.map = EmbeddingMap()
        self.column.addWidget(self.map)
        self.near = Bars(_("Nearest"), "sage")
        self.said = flowing("", "caption")
        self.column.addWidget(self.said)
        self.column.addWidget(self.near)

    def show_around(self, around: Neighbourhood | None) -> None:
        self.map.show_seen(around)
        if around is None:
            return
        self.said.setText(
            _("Nearest to {piece}, by the cosine between them:").format(piece=shown(around.found))
        )
        self.near.show_rows(
            [(shown(text), max(0.0, cosine), number(cosine, 2)) for text, cosine in around.nearest]
        )


class SoftmaxPanel(Panel):
    """The next token's chances, and what the sliders make of them."""

    def __init__(self) -> None:
        super().__init__()
        self.knobs = KnobSliders()
        self.knobs.changed.connect(self._show)
        self.column.addWidget(self.knobs)
        self.curve = Curve()
        self.column.addWidget(self.curve)
        self.bars = Bars(_("Chances of the next token"))
        self.column.addWidget(self.bars)
        self._before: tuple[Alternative, ...] = ()
        self.knobs.show_knobs(self.knobs.knobs)

    def show_seen(self, seen: TextSeen) -> None:
        self._before = tuple(Alternative(one.id, one.text, one.p) for one in seen.likeliest)
        self._show()

    def _show(self) -> None:
        made = chances(self._before, self.knobs.knobs)
        self.curve.show_chances(made)
        self.bars.show_rows([(shown(one.text), one.after, percent(one.after, 1)) for one in made.known[:10]])


class PartsPanel(Panel):
    """Parameters and operations by part."""

    def __init__(self) -> None:
        super().__init__()
        self.column.addWidget(label(_("Parameters"), "section"))
        self.held = Bars(_("Parameters"))
        self.column.addWidget(self.held)
        self.column.addWidget(flowing(_("Operations for one more token, with a full context"), "section"))
        self.taken = Bars(_("Operations"), "amber")
        self.held.beside, self.taken.beside = self.taken, self.held
        self.column.addWidget(self.taken)
        self.said = flowing("", "caption")
        self.column.addWidget(self.said)

    def show_seen(self, seen: TextSeen) -> None:
        for bars, counts in (
            (self.held, [(part.name, part.parameters) for part in seen.parts]),
            (self.taken, [(part.name, part.operations) for part in seen.parts]),
        ):
            whole = sum(count for _name, count in counts) or 1
            bars.show_rows(
                [
                    (part_words(name), count / whole, f"{number(count)}  {percent(count / whole)}")
                    for name, count in counts
                    if count
                ]
            )
        words = _("{parameters} parameters, {operations} operations for each token.")
        self.said.setText(
            words.format(
                parameters=number(sum(part.parameters for part in seen.parts)),
                operations=number(sum(part.operations for part in seen.parts)),
            )
        )


class ContextPanel(Panel):
    """What the chosen token sees: a triangle, or a square."""

    def __init__(self) -> None:
        super().__init__()
        self.square = Heat(large=True)
        self.column.addWidget(self.square)
        self.said = flowing("", "")
        self.column.addWidget(self.said)

    def show_seen(self, seen: TextSeen) -> None:
        time = len(seen.pieces)
        rows = (bytes([255] * (at + 1 if seen.causal else time)).ljust(time, b"\0") for at in range(time))
        self.square.show_head(b"".join(rows), time, seen.pieces, seen.place, _("What each token may see"))
        count = seen.place + 1 if seen.causal else time
        words = _("“{piece}” sees {count} of {time} tokens here; the model sees at most {context} at once.")
        self.said.setText(
            words.format(
                piece=shown(seen.pieces[seen.place]),
                count=number(count),
                time=number(time),
                context=number(seen.context),
            )
        )


class BesidePanel(Panel):
    """Two models over the same text, layer by layer and head by head. One that has fewer shows its last."""

    layer_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._both: tuple[TextSeen | None, TextSeen | None] = (None, None)
        self.layer = whole_field(1, 1, lambda value: self.layer_chosen.emit(value - 1))
        self.which = whole_field(1, 1, lambda _value: self._show())
        numbers = FoldingRow()
        numbers.setSpacing(space.l)
        numbers.addLayout(field(_("Layer"), self.layer))
        numbers.addLayout(field(_("Head"), self.which))
        numbers.addStretch(1)
        self.column.addLayout(numbers)
        row = FoldingRow()
        row.setSpacing(space.l)
        self.squares: list[Heat] = []
        self.names = []
        for _number in range(2):
            box = QVBoxLayout()
            box.setSpacing(space.xs)
            name = label("", "section")
            square = Heat(large=True)
            box.addWidget(name)
            box.addWidget(square)
            self.names.append(name)
            self.squares.append(square)
            row.addLayout(box)
        row.addStretch(1)
        self.column.addLayout(row)

    def show_both(self, seen: TextSeen | None, other: TextSeen | None) -> None:
        self._both = (seen, other)
        there = [one for one in self._both if one is not None]
        if there:
            layer = seen.layer if seen is not None else there[0].layer
            for box, most, value in (
                (self.layer, max(one.layers for one in there), layer + 1),
                (self.which, max(one.heads for one in there), self.which.value()),
            ):
                box.blockSignals(True)
                box.setRange(1, most)
                box.setValue(value)
                box.blockSignals(False)
        self._show()

    def _show(self) -> None:
        for name, square, one in zip(self.names, self.squares, self._both, strict=True):
            square.setVisible(one is not None)
            name.setVisible(one is not None)
            if one is None:
                continue
            head = min(self.which.value(), one.heads) - 1
            way = _("Looks back only") if one.causal else _("Looks both ways")
            name.setText(f"{way} · {head_name(one.layer, head)}")
            square.show_head(_head(one, head), len(one.pieces), one.pieces, one.place, name.text())
