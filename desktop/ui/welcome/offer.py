"""A model from the hub that suits this computer, asked for when the person allows it. Decides nothing."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.types.models import HubFile
from desktop.i18n import _, size
from desktop.ui.models import texts
from desktop.ui.models.parts import progress, show_share
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import space
from desktop.view_models.downloads import Download
from desktop.view_models.model_rows import recommended
from desktop.view_models.session import Session


class ModelOffer(QWidget):
    """One button that says what pressing it does next: look, download, pause, go on."""

    arrived = Signal(str)  # the path of a model that came in

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._downloads = session.downloads
        self._wanted: tuple[str, str] | None = None  # what is on its way from here
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.s)
        self.button = text_button("", "", self._pressed)
        self.words = label("", "muted", wrap=True)
        self.bar = progress("")
        self.trouble = label("", "danger", wrap=True)
        for widget in (self.button, self.words, self.bar, self.trouble):
            column.addWidget(widget)
        column.setAlignment(self.button, Qt.AlignmentFlag.AlignLeft)
        self._downloads.changed.connect(self.refresh)
        self._downloads.downloads_changed.connect(self._moved)
        self.refresh()

    @property
    def _file(self) -> HubFile | None:
        """The file that is offered, once its repository was looked at."""
        found = self._downloads.repository
        mine = found is not None and found.id == self._session.welcome.repository
        return recommended(found.files) if found is not None and mine else None

    @property
    def _looked_in_vain(self) -> bool:
        found = self._downloads.repository
        return found is not None and found.id == self._session.welcome.repository and self._file is None

    @property
    def _download(self) -> Download | None:
        return self._downloads.download_of(*self._wanted) if self._wanted is not None else None

    def refresh(self) -> None:
        download, file, problem = self._download, self._file, self._downloads.problem
        self.bar.setVisible(self._downloads.looking or (download is not None and download.state == "running"))
        self.bar.setAccessibleName(self.words.text() or _("Download"))
        share = download.done_bytes / download.total_bytes if download and download.total_bytes else None
        show_share(self.bar, share)
        if download is not None and download.problem is not None:
            problem = download.problem
        self.trouble.setText(texts.said(problem) if problem is not None else "")
        self.trouble.setVisible(problem is not None)
        self.button.setText(self._button_words(download, file))
        self.words.setText(self._words(download, file))
        self.words.setVisible(bool(self.words.text()))
        self.setVisible(bool(self._session.welcome.repository))

    def _button_words(self, download: Download | None, file: HubFile | None) -> str:
        if self._downloads.looking:
            return _("Stop")
        if download is not None and download.state in ("running", "pausing"):
            return _("Pause the download")
        if download is not None and download.state in ("paused", "failed"):
            return _("Go on downloading")
        if file is not None:
            return _("Download {size}").format(size=size(file.size_bytes))
        return _("Find one that fits this computer")

    def _words(self, download: Download | None, file: HubFile | None) -> str:
        if self._downloads.looking:
            return _("Looking at what the repository offers")
        if download is not None:
            return texts.download_state(download)
        if file is not None:
            said = texts.verdict(file.fit) if file.fit is not None else ""
            return texts.joined(self._session.welcome.repository, file.quantization, said)
        if self._looked_in_vain:
            return _("No model of {repository} fits this computer as it is.").format(
                repository=self._session.welcome.repository
            )
        if self._downloads.offline:
            return _(
                "This asks the Hugging Face hub, and allows Sobremesa downloads from now on."
                " Only the names of what you download leave this computer."
            )
        return ""

    def _pressed(self) -> None:
        download, file = self._download, self._file
        if self._downloads.looking:
            self._downloads.cancel_look_up()
        elif download is not None and download.state == "running":
            self._downloads.pause(download.key)
        elif download is not None and download.state in ("paused", "failed"):
            self._downloads.resume(download.key)
        elif file is not None and self._downloads.repository is not None:
            found = self._downloads.repository
            self._wanted = (found.id, file.name)
            self._downloads.start(found.id, file.name, found.revision, file.size_bytes)
        else:
            self._look()

    def _look(self) -> None:
        if not self._downloads.offline:
            self._downloads.look_up(self._session.welcome.repository)
            return

        def allowed(name: str, value: object) -> None:
            if name == "offline" and value is False:
                self._session.settings.changed.disconnect(allowed)
                self._downloads.look_up(self._session.welcome.repository)

        self._session.settings.changed.connect(allowed)
        self._session.settings.set("offline", False)

    def _moved(self) -> None:
        self.refresh()
        download = self._download
        if download is not None and download.state == "done" and download.model is not None:
            self._wanted = None
            self._session.models.refresh()
            self.arrived.emit(download.model.path)
            self.refresh()
