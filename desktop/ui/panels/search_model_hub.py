"""Below the field of the search model: one of the hub by its name, and how far it is. Decides nothing."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from desktop.i18n import _, size
from desktop.ui.asked_name import ask_for_name
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import set_kind, space
from desktop.view_models.search_model_download import SearchModelDownload
from desktop.words import hint, sentence

_STEPS = 1000


class SearchModelHub(QWidget):
    """A way to ask, and what became of it."""

    def __init__(self) -> None:
        super().__init__()
        self._download: SearchModelDownload | None = None
        self.ask = text_button(_("Download one…"), "link", self.ask_for_name)
        self.told = label("", "caption", wrap=True)
        self.trouble = label("", "danger", wrap=True)
        self.bar = QProgressBar()
        set_kind(self.bar, "sage")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _STEPS)
        self.bar.setAccessibleName(_("Downloading the search model"))
        self.pause = text_button(_("Pause"), "link")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, space.xs, 0, 0)
        column.setSpacing(space.xs)
        for widget in (self.ask, self.bar, self.told, self.trouble, self.pause):
            column.addWidget(widget)
        for button in (self.ask, self.pause):
            column.setAlignment(button, Qt.AlignmentFlag.AlignLeft)
        for widget in (self.bar, self.told, self.trouble, self.pause):
            widget.hide()

    def stops(self) -> list[QWidget]:
        return [self.ask, self.pause]

    def show_download(self, download: SearchModelDownload) -> None:
        """What it tells from now on."""
        self._download = download
        self.pause.clicked.connect(download.pause)
        download.changed.connect(self._show)
        self._show()

    def ask_for_name(self) -> None:
        if self._download is None:
            return
        words = _("Its name at the Hugging Face hub, such as intfloat/multilingual-e5-small")
        download = self._download
        title, begin = _("Download a search model"), _("Download")
        ask_for_name(self, title, words, begin, download.begin, download.name)

    def _show(self) -> None:
        download = self._download
        if download is None:
            return
        running, problem, event = download.running, download.problem, download.progress
        paused = problem is not None and problem.code == "cancelled"
        self.ask.setVisible(not running)
        self.pause.setVisible(running)
        self.bar.setVisible(running)
        self.bar.setValue(round(_STEPS * event.done_bytes / max(1, event.total_bytes)) if event else 0)
        text = ""
        if running:
            text = download.name
        if running and event is not None:
            done, total = size(event.done_bytes), size(event.total_bytes)
            text += "\n" + _("{done} of {total}").format(done=done, total=total)
        if paused:
            text = _("Paused. What came is kept, and the same download goes on from there.")
        self.told.setText(text)
        self.told.setVisible(bool(text))
        failed = problem is not None and not paused
        told = "" if problem is None else " ".join(filter(None, (sentence(problem), hint(problem))))
        self.trouble.setText(told if failed else "")
        self.trouble.setVisible(failed)
