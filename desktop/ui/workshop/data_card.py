"""What is learnt from: where it comes from, how it is split, its rows, and a small editor for examples."""

from pathlib import PurePath

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.training.samples import SAMPLES
from desktop.core.types.training import DataPreview, GatheringMaterial
from desktop.i18n import _, language, ngettext, number
from desktop.ui.file_dialogs import Mode, ask_for_files
from desktop.ui.folding_row import FoldingRow
from desktop.ui.models.parts import Card, flowing
from desktop.ui.pieces import choice_box, label, text_button
from desktop.ui.theme import space
from desktop.ui.workshop.balance import Balance, Histogram
from desktop.ui.workshop.fields import field
from desktop.ui.workshop.rows_table import RowsTable
from desktop.view_models.workshop.plan import PlanViewModel

KINDS = {"write": "text", "fill": "text", "answer": "pairs", "label": "labels"}


def reason_words(reason: str) -> str:
    return {
        "not_an_object": _("it is no row that can be read"),
        "no_columns": _("it has none of the known columns"),
        "empty": _("something in it is empty"),
        "unknown_role": _("it names a role that is not known"),
        "no_answer": _("it has no answer"),
        "not_text": _("something in it is no text"),
    }.get(reason, reason)


class DataCard(Card):
    """`files_wanted` and the like are served by itself; the plan decides."""

    edited = Signal()

    def __init__(self, number_: int, plan: PlanViewModel) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plan = plan
        self.column.setSpacing(space.s)
        heading = _("Data")  # not inside the f-string: texts are not found there
        self.column.addWidget(label(f"{number_}  {heading}", "section"))
        self.source = choice_box()
        self.source.activated.connect(self._chosen)
        self.column.addLayout(field(_("Learns from"), self.source))
        self.said = flowing("", "")
        self.column.addWidget(self.said)
        self.stop = text_button(_("Stop"), "", plan.stop_gathering)
        stopping = FoldingRow()
        stopping.addWidget(self.stop)
        stopping.addStretch(1)
        self.column.addLayout(stopping)
        self.bad = flowing("", "amber")
        self.column.addWidget(self.bad)
        charts = FoldingRow()
        charts.setSpacing(space.l)
        self.balance = Balance()
        self.lengths = Histogram()
        charts.addWidget(self.balance, 1)
        charts.addWidget(self.lengths, 1)
        self.column.addLayout(charts)
        self.table = RowsTable()
        self.column.addWidget(self.table)
        self._editor = QWidget()
        column = QVBoxLayout(self._editor)
        column.setContentsMargins(0, 0, 0, 0)
        self.edit = text_button(_("Edit the examples"), "", self._plan.read_rows)
        self.add = text_button(_("Add a row"), "", self.table.add_row)
        self.remove = text_button(_("Remove the row"), "", self.table.remove_chosen)
        self.save = text_button(_("Use these examples"), "", self._save)
        row = FoldingRow()
        row.setSpacing(space.s)
        for button in (self.edit, self.add, self.remove, self.save):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        self.column.addWidget(self._editor)
        plan.changed.connect(self.refresh)
        plan.data_changed.connect(self.refresh_data)
        plan.rows_came.connect(self._edit)
        self.refresh()
        self.refresh_data()

    # ── where it comes from ──

    def refresh(self) -> None:
        plan = self._plan.plan
        wanted = KINDS[plan.goal]
        self.source.blockSignals(True)
        self.source.clear()
        named = {
            "verses": _("Poems"),
            "prose": _("Short stories"),
            "messages": _("Messages"),
            "notes": _("Notes"),
        }
        spoken = {"en": _("English"), "es": _("Spanish")}
        own = sorted(SAMPLES, key=lambda one: not one.endswith(language()))
        for name in own:
            if SAMPLES[name] == wanted:
                stem, code = name.rsplit("_", 1)
                words = _("{texts} that came with Sobremesa, in {language}")
                self.source.addItem(words.format(texts=named[stem], language=spoken[code]), f"sample:{name}")
        if plan.inputs:
            shown = ", ".join(one.rsplit("/", 1)[-1] for one in plan.inputs)
            self.source.addItem(shown, "inputs")
        self.source.addItem(
            _("A file of your own…") if wanted != "text" else _("Text files of your own…"), "files"
        )
        if wanted == "text":
            self.source.addItem(_("A folder of your own…"), "folder")
            self.source.addItem(_("Your documents"), "documents")
        if wanted == "pairs":
            self.source.addItem(_("Your chats: replies that you rated good or edited"), "chats")
        key = f"sample:{plan.sample}" if plan.sample else "inputs"
        self.source.setCurrentIndex(max(0, self.source.findData(key)))
        self.source.blockSignals(False)
        self._editor.setVisible(wanted != "text")

    def _chosen(self) -> None:
        key: str = self.source.currentData()
        grown_ = self._plan.plan.grown
        if key.startswith("sample:"):
            self._plan.edit(sample=key.removeprefix("sample:"), inputs=())
        elif key == "files":
            kinds = (
                [_("Texts") + " (*.txt *.md)"]
                if grown_
                else [_("Examples") + " (*.csv *.tsv *.json *.jsonl)"]
            )
            mode = Mode.ExistingFiles if grown_ else Mode.ExistingFile
            ask_for_files(self, _("Learn from"), self._take, mode, [*kinds, _("All files (*)")])
            self.refresh()
        elif key == "folder":
            ask_for_files(self, _("Learn from"), self._take, Mode.Directory)
            self.refresh()
        elif key == "documents":
            self._plan.gather("documents")
        elif key == "chats":
            self._plan.gather("chats")

    def _take(self, paths: list[str]) -> None:
        if paths:
            self._plan.edit(sample="", inputs=tuple(paths))

    # ── what it is ──

    def refresh_data(self) -> None:
        data = self._plan.data
        gathering = self._plan.gathering
        self.said.setText(_("Looking at the data…") if self._plan.looking else "")
        self.said.setVisible(self._plan.looking or data is not None or gathering is not None)
        self.stop.setVisible(gathering is not None)
        self.table.setVisible(data is not None)
        self.balance.setVisible(data is not None and bool(data.labels))
        self.lengths.setVisible(data is not None and len(data.lengths) > 1)
        self.bad.setVisible(data is not None and bool(_bad(data)))
        self.edit.setVisible(data is not None)
        for button in (self.add, self.remove, self.save):
            button.hide()
        if gathering is not None:
            self.said.setText(_gathered(gathering))
        if data is None:
            return
        if gathering is None:
            self.said.setText(_said(data))
        self.bad.setText(_bad(data))
        self.balance.show_counts(data.labels)
        self.lengths.show_lengths(data.tokens or data.lengths, tokens=bool(data.tokens))
        self.table.show_rows([(row.first, row.second) for row in data.rows], data.kind)

    # ── the small editor ──

    def _edit(self, rows: tuple[tuple[str, str], ...]) -> None:
        """All of them: those that were only looked at were the first ones."""
        data = self._plan.data
        if data is None:
            return
        self.table.show_rows(list(rows), data.kind)
        self.table.set_editable(True)
        self.edit.hide()
        for button in (self.add, self.remove, self.save):
            button.show()
        self.table.selectRow(0)
        self.table.setFocus()

    def _save(self) -> None:
        inputs = self._plan.plan.inputs
        own = inputs[0] if inputs and PurePath(inputs[0]).parent.name == ".rows" else ""
        self.table.setFocus()  # what is being written is kept too
        self._plan.write_rows(own, self.table.rows_model.rows)


def _gathered(gathering: GatheringMaterial) -> str:
    words = _("Gathering what is to be learnt: {done} of {count}…")
    return words.format(done=number(gathering.done), count=number(gathering.total))


def _said(data: DataPreview) -> str:
    learnt = data.count - data.held_out
    if data.kind == "text":
        words = _("{count} paragraphs, {characters} characters: {learnt} to learn from, {held} held out.")
    else:
        words = _("{count} rows: {learnt} to learn from, {held} held out to measure by.")
    said = words.format(
        count=number(data.count),
        characters=number(data.characters),
        learnt=number(learnt),
        held=number(data.held_out),
    )
    if len(data.rows) < data.count:
        said += " " + _("The first {count} are shown.").format(count=number(len(data.rows)))
    if data.tokens:
        mean = sum(data.tokens) / len(data.tokens)
        said += " " + _("A row has {mean} tokens on average, the longest {most}.").format(
            mean=number(round(mean)), most=number(max(data.tokens))
        )
    return said


def _bad(data: DataPreview) -> str:
    parts = []
    some = list(data.bad.items())[:5]
    for row, reason in some:
        parts.append(
            _("Row {row} is left out: {reason}.").format(row=number(row), reason=reason_words(reason))
        )
    rest = len(data.bad) - len(some)
    if rest:
        parts.append(ngettext("And {count} more.", "And {count} more.", rest).format(count=number(rest)))
    for file, why in data.unreadable.items():
        parts.append(_("“{file}” is left out: {why}.").format(file=file, why=why))
    if data.too_long:
        count = data.too_long
        words = ngettext("{count} row is too long.", "{count} rows are too long.", count)
        if data.kind == "labels":
            words = ngettext(
                "{count} text is long: its beginning and its end are read.",
                "{count} texts are long: their beginning and their end are read.",
                count,
            )
        parts.append(words.format(count=number(count)))
    if data.repeated:
        count = len(data.repeated)
        words = ngettext("{count} row says what another said.", "{count} rows say what others said.", count)
        parts.append(words.format(count=number(count)))
    return " ".join(parts)
