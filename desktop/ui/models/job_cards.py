"""Cards of what is under way: files brought in, downloads, a quantization and its result."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from desktop.core.types.models import Measured, ModelFile, QuantizedModel
from desktop.i18n import _, number, percent, size
from desktop.ui.folding_row import FoldingRow
from desktop.ui.models import texts
from desktop.ui.models.fit_bar import FitView
from desktop.ui.models.parts import Card, Shown, flowing, progress, show_share, strong
from desktop.ui.pieces import icon_button, label, text_button
from desktop.ui.theme import set_kind, space
from desktop.view_models.downloads import Download
from desktop.view_models.model_imports import Candidate
from desktop.view_models.models import title
from desktop.view_models.quantizing import Job
from desktop.words import quantization as quantization_words


class JobCard(Card):
    """A name, words, a bar, trouble, and a row of buttons. `pressed(what)`: the name of a button."""

    pressed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        head = QHBoxLayout()
        head.setSpacing(space.s)
        self.name = strong()
        self.close_button = icon_button("close", _("Close"), lambda: self.pressed.emit("dismiss"))
        head.addWidget(self.name)
        head.addStretch(1)
        head.addWidget(self.close_button)
        self.column.addLayout(head)
        self.facts = flowing(kind="caption")
        self.words = flowing()
        self.bar = progress("")
        set_kind(self.bar, "sage")
        self.trouble = flowing(kind="danger")
        self._body = self.column
        for widget in (self.facts, self.words, self.bar, self.trouble):
            self.column.addWidget(widget)
        self._fit = Shown(lambda: FitView(rich=True), lambda w: self.column.insertWidget(2, w))
        self._foot = FoldingRow()
        self._foot.setContentsMargins(0, space.s, 0, 0)
        self._foot.setSpacing(space.s)
        self._foot.addStretch(1)
        self.column.addLayout(self._foot)
        self.buttons: dict[str, QPushButton] = {}
        self._primary: set[str] = set()

    def offer(self, what: str, text: str, kind: str = "") -> QPushButton:
        """A button at the foot, hidden until `show_buttons` names it."""
        button = text_button(text, kind, lambda: self.pressed.emit(what))
        button.hide()
        self.buttons[what] = button
        if kind == "primary":
            self._primary.add(what)
        self._foot.addWidget(button)
        return button

    def show_buttons(self, *names: str) -> None:
        """Show these and no others; the keys go on from one that vanishes under them."""
        had_focus = any(button.hasFocus() and name not in names for name, button in self.buttons.items())
        for name, button in self.buttons.items():
            button.setVisible(name in names)
        self._foot.setContentsMargins(0, space.s if names else 0, 0, 0)
        if had_focus:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The card itself stands for what is offered first, as the card of a model does."""
        key = event.key()
        offered = [name for name in self._primary if not self.buttons[name].isHidden()]
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.hasFocus() and offered:
            self.pressed.emit(offered[0])
        else:
            super().keyPressEvent(event)

    def say(self, label: QLabel, text: str, kind: str = "") -> None:
        label.setText(text)
        label.setVisible(bool(text))
        if kind:
            set_kind(label, kind)


class ImportCard(JobCard):
    """A file that somebody brought: whether it runs here, how well, and with what settings."""

    def __init__(self, candidate: Candidate) -> None:
        super().__init__()
        self.offer("use", _("Use it from where it is"))
        self.offer("copy", _("Copy into my models"), "primary")
        self.offer("use_copy", _("Use it"), "primary")
        self.offer("cancel", _("Stop copying"))
        self.show_candidate(candidate)

    def show_candidate(self, candidate: Candidate) -> None:
        model, state = candidate.model, candidate.state
        self.name.set_text(title(model) if model is not None else candidate.name)
        self.setToolTip(candidate.path)
        facts = texts.joined(model.quantization, texts.facts(model)) if model is not None else ""
        self.say(self.facts, facts)
        words, kind = self._words(candidate)
        self.say(self.words, words, kind)
        problem = candidate.problem
        self.say(self.trouble, texts.said(problem) if problem is not None else "")
        fit = self._fit.show(model is not None and model.fit is not None)
        if isinstance(fit, FitView) and model is not None:
            fit.show_fit(model.fit)
        self.bar.setVisible(state in ("looking", "copying"))
        self.bar.setAccessibleName(_("Copying") if state == "copying" else _("Looking into the file"))
        share = candidate.done_bytes / candidate.total_bytes if candidate.total_bytes else None
        show_share(self.bar, share if state == "copying" else None)
        self.close_button.setVisible(state != "copying")
        self.show_buttons(
            *{"known": ("use", "copy"), "copying": ("cancel",), "here": ("use_copy",)}.get(state, ())
        )
        self.setAccessibleName(self._spoken(candidate))

    def _words(self, candidate: Candidate) -> tuple[str, str]:
        match candidate.state:
            case "looking":
                return _("Looking into the file"), "muted"
            case "copying":
                far = texts.bytes_of(candidate.done_bytes, candidate.total_bytes)
                return _("Copying, {far}").format(far=far), "muted"
            case "here":
                return texts.imported(candidate), "sage"
            case "known" if candidate.model is not None:
                return texts.template_words(candidate.model, candidate.model.template), "amber"
            case _:
                return "", ""

    def _spoken(self, candidate: Candidate) -> str:
        fit = candidate.model.fit if candidate.model is not None else None
        parts = [self.name.accessibleName(), self.words.text(), self.trouble.text()]
        return ", ".join(part for part in (*parts, texts.verdict(fit) if fit else "") if part)


class DownloadCard(JobCard):
    """A file on its way from the hub."""

    def __init__(self, download: Download) -> None:
        super().__init__()
        self.offer("discard", _("Discard"))
        self.offer("pause", _("Pause"))
        self.offer("resume", _("Resume"), "primary")
        self.offer("again", _("Try again"), "primary")
        self.offer("use", _("Use it"), "primary")
        self.show_download(download)

    def show_download(self, download: Download) -> None:
        state = download.state
        self.name.set_text(download.file.removesuffix(".gguf"))
        self.say(self.facts, download.repository)
        self.say(self.words, texts.download_state(download), "sage" if state == "done" else "muted")
        problem = download.problem if state == "failed" else None
        self.say(self.trouble, texts.said(problem) if problem is not None else "")
        self.bar.setVisible(state != "done")
        self.bar.setAccessibleName(_("Download"))
        set_kind(self.bar, {"failed": "amber", "paused": "muted"}.get(state, "sage"))
        known = download.total_bytes > 0
        waits = state == "running" and (not known or download.checking)
        show_share(self.bar, None if waits else download.done_bytes / max(1, download.total_bytes))
        self.close_button.setVisible(state == "done")
        shown = {
            "running": ("discard", "pause"),
            "paused": ("discard", "resume"),
            "failed": ("discard", "again"),
            "done": ("use",),
        }
        self.show_buttons(*shown.get(state, ()))
        self.setAccessibleName(f"{self.name.accessibleName()}, {self.words.text()}")


class QuantizeCard(JobCard):
    """A model being made smaller, then both side by side."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self._result = Shown(lambda: _Result(), lambda w: self.column.insertWidget(2, w))
        self.offer("cancel", _("Stop"))
        self.offer("again", _("Try again"), "primary")
        self.offer("use", _("Use the smaller one"), "primary")
        self.show_job(job)

    def show_job(self, job: Job) -> None:
        self.name.set_text(f"{title(job.model)} → {job.quantization}")
        running = job.state in ("running", "stopping")
        self.say(self.facts, "")
        self.say(self.words, self._words(job), "sage" if job.state == "done" else "muted")
        self.say(self.trouble, texts.said(job.problem) if job.problem is not None else "")
        self.bar.setVisible(running)
        self.bar.setAccessibleName(self.words.text())
        show_share(self.bar, job.done if job.stage else None)
        self.close_button.setVisible(not running)
        result = self._result.show(job.result is not None)
        if isinstance(result, _Result) and job.result is not None:
            result.show_result(job.model, job.result)
        shown = {"running": ("cancel",), "failed": ("again",), "done": ("use",)}
        self.show_buttons(*shown.get(job.state, ()))
        self.setAccessibleName(f"{self.name.accessibleName()}, {self.words.text()}")

    def _words(self, job: Job) -> str:
        match job.state:
            case "running":
                stage = texts.stage(job.stage)
                if not job.stage:
                    return stage
                steps = ("measuring_before", "quantizing", "measuring_after")
                step = steps.index(job.stage) + 1 if job.measure else 1
                far = percent(round(job.done, 2))
                if not job.measure:
                    return f"{stage}, {far}"
                words = _("Step {step} of {steps}: {stage}, {percent}")
                return words.format(step=number(step), steps=number(3), stage=stage, percent=far)
            case "stopping":
                return _("Stopping")
            case "done":
                return _("The smaller file lies in your models folder.")
            case "failed":
                return ""


class _Result(QWidget):
    """Before and after, side by side."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, space.s, 0, space.s)
        self._grid.setHorizontalSpacing(space.xl)
        self._grid.setVerticalSpacing(space.xs)
        self._grid.setColumnStretch(3, 1)

    def show_result(self, model: ModelFile, result: QuantizedModel) -> None:
        if self._grid.count():
            return
        saved = 1 - result.after_bytes / max(1, result.before_bytes)
        smaller = _("{percent} smaller").format(percent=percent(round(saved, 2))) if saved > 0 else ""
        rows = [
            ("", _("Before"), _("After"), ""),
            (_("Type"), model.quantization, result.model.quantization, ""),
            (_("Size"), size(result.before_bytes), size(result.after_bytes), smaller),
            (_("Perplexity"), *_perplexities(result)),
        ]
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                kind = "caption" if row == 0 or column in (0, 3) else ""
                widget = flowing(text, kind) if column == 3 else label(text, kind)
                right = Qt.AlignmentFlag.AlignRight if column in (1, 2) else Qt.AlignmentFlag.AlignLeft
                if column == 3:
                    self._grid.addWidget(widget, row, column)  # aligned, it would be as narrow as it can
                else:
                    self._grid.addWidget(widget, row, column, right | Qt.AlignmentFlag.AlignVCenter)
        lower = _("Perplexity: how surprised the model is by a text. Lower is better.")
        notes = [lower, *quantization_words.notes(result)]
        for row, note in enumerate(notes, len(rows)):
            self._grid.addWidget(flowing(note, "caption"), row, 0, 1, 5)


def _perplexities(result: QuantizedModel) -> tuple[str, str, str]:
    def shown(measured: Measured | None) -> str:
        return number(measured.perplexity, 2) if measured is not None else _("not measured")

    before, after = result.before, result.after
    change = ""
    if before is not None and after is not None and before.perplexity > 0:
        share = round(after.perplexity / before.perplexity - 1, 2)
        worse, better = _("{percent} worse"), _("{percent} better")
        change = _("hardly different")
        if share:
            change = (worse if share > 0 else better).format(percent=percent(abs(share)))
    return shown(before), shown(after), change
