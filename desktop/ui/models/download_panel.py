"""Looking for models on the Hugging Face hub: the switch, the field, what a repository offers."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.core.types.models import HubFile
from desktop.i18n import _, ngettext, number, size
from desktop.ui.documents.switch import Switch
from desktop.ui.models import texts
from desktop.ui.models.fit_bar import FitView
from desktop.ui.models.parts import Card, Shown, flowing, progress, show_share, strong
from desktop.ui.pieces import icon_button, label, line, text_button
from desktop.ui.theme import space
from desktop.view_models.downloads import Download, DownloadsViewModel


class DownloadPanel(Card):
    """The head of the search: what it offers stands below it, in cards of their own."""

    closed = Signal()

    def __init__(self, downloads: DownloadsViewModel) -> None:
        super().__init__()
        self._downloads = downloads
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(_("Download a model"))
        head = QHBoxLayout()
        head.addWidget(strong(_("Download from Hugging Face")))
        head.addStretch(1)
        self.close_button = icon_button("close", _("Close"), self.closed.emit)
        head.addWidget(self.close_button)
        self.column.addLayout(head)
        self.column.addWidget(self._make_switch())
        self.field = QLineEdit(downloads.asked)
        self.field.setPlaceholderText(_("owner/name, or the address of a repository"))
        self.field.setAccessibleName(_("Repository"))
        self.field.setAcceptDrops(False)  # a file dropped here is meant for the page
        self.field.returnPressed.connect(self._look_up)
        self.button = text_button(_("Look"), "primary", self._look_up)
        self.stop = text_button(_("Stop"), "", downloads.cancel_look_up)
        row = QHBoxLayout()
        row.setSpacing(space.s)
        row.addWidget(self.field, 1)
        row.addWidget(self.button)
        row.addWidget(self.stop)
        self.column.addLayout(row)
        self.bar = progress(_("Looking at what the repository offers"))
        show_share(self.bar, None)
        self.words = flowing(kind="muted")
        self.trouble = flowing(kind="danger")
        for widget in (self.bar, self.words, self.trouble):
            self.column.addWidget(widget)
        self.refresh()

    def _make_switch(self) -> QWidget:
        """Nothing goes out before the person says so, right here."""
        self.strip = QWidget()
        column = QVBoxLayout(self.strip)
        column.setContentsMargins(0, 0, 0, space.s)
        column.setSpacing(space.xs)
        self.switch = Switch(_("Allow downloads"))
        self.switch.setAccessibleName(_("Allow downloads"))
        self.switch.toggled.connect(lambda on: self._downloads.set_offline(not on))
        column.addWidget(self.switch)
        self.note = flowing(kind="caption")
        column.addWidget(self.note)
        column.addSpacing(space.xs)
        column.addWidget(line())
        return self.strip

    def refresh(self) -> None:
        downloads = self._downloads
        offline, looking = downloads.offline, downloads.looking
        blocked = self.switch.blockSignals(True)
        self.switch.setChecked(not offline)
        self.switch.blockSignals(blocked)
        self.note.setText(
            _("You are offline: nothing leaves this computer until you switch this on.")
            if offline
            else _("Only the names of repositories and files go out, and only when you ask for them.")
        )
        self.field.setEnabled(not offline)
        self.button.setVisible(not looking)
        self.button.setEnabled(not offline)
        self.stop.setVisible(looking)
        self.bar.setVisible(looking)
        problem = downloads.problem
        # the switch says it already
        told = problem if problem is not None and not (offline and problem.code == "offline") else None
        self.trouble.setText(texts.said(told) if told is not None else "")
        self.trouble.setVisible(told is not None)
        words = self._words()
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def _words(self) -> str:
        downloads = self._downloads
        found = downloads.repository
        if downloads.looking:
            return _("Looking at what {name} offers").format(name=downloads.asked)
        if found is None:
            return ""
        if not found.files:
            return _("{name} holds no GGUF file.").format(name=found.id)
        count = ngettext("{count} model file", "{count} model files", len(found.files))
        licence = _("licence {name}").format(name=found.licence) if found.licence else ""
        return texts.joined(found.id, count.format(count=number(len(found.files))), licence)

    def take_focus(self) -> None:
        (self.switch if self._downloads.offline else self.field).setFocus(Qt.FocusReason.OtherFocusReason)

    def _look_up(self) -> None:
        self._downloads.look_up(self.field.text())


class HubCard(Card):
    """One file of a repository: what it is, how it would fit, and a button."""

    wanted = Signal()

    def __init__(self, file: HubFile, *, recommended: bool, download: Download | None) -> None:
        super().__init__()
        self.file = file
        head = QHBoxLayout()
        head.setSpacing(space.s)
        self.name = strong(file.name)
        self.badge = label(_("Recommended for this computer"), "sage")
        self.badge.setVisible(recommended)
        self.button = text_button("", "primary" if recommended else "", self.wanted.emit)
        head.addWidget(self.name)
        head.addWidget(self.badge)
        head.addStretch(1)
        head.addWidget(self.button)
        self.column.addLayout(head)
        self.facts = flowing(texts.hub_file(file), "caption")
        self.column.addWidget(self.facts)
        self._fit = Shown(FitView, self.column.addWidget)
        fit = self._fit.show(file.fit is not None)
        if isinstance(fit, FitView):
            fit.show_fit(file.fit)
        self.show_download(download)
        parts = [file.name, self.facts.text(), self.badge.text() if recommended else ""]
        parts += [texts.verdict(file.fit)] if file.fit is not None else []
        self.setAccessibleName(", ".join(part for part in parts if part))

    def show_download(self, download: Download | None) -> None:
        """The button says what pressing it does; while the file comes in, its own card has the buttons."""
        under_way = download is not None and download.state in ("running", "pausing", "done")
        kept = bool(self.file.kept_bytes) or (download is not None and download.state in ("paused", "failed"))
        self.button.setText(_("Resume") if kept else _("Download"))
        self.button.setEnabled(not under_way)
        spoken = _("Download {file}, {size}")
        self.button.setAccessibleName(spoken.format(file=self.file.name, size=size(self.file.size_bytes)))
