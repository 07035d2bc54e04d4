"""A window with files to drop and a hub to look at."""

from collections.abc import Callable, Sequence

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget

from desktop.core.types.models import PausedDownload
from desktop.ui.models.download_panel import DownloadPanel
from desktop.ui.models.job_cards import DownloadCard, ImportCard, JobCard, QuantizeCard
from desktop.ui.models.page import ModelsPage
from tests.fakes.core import FakeCore
from tests.fakes.fits import HUB, LESS_CONTEXT, REPOSITORY, fits_of
from tests.fakes.samples import MODELS, QWEN
from tests.gui.model_scenes import CUT, DROPPED, GEMMA, HALF
from tests.gui.whole_window import Open, WholeWindow, open_window  # noqa: F401  a fixture

FILE = HUB.files[2]
WHOLE = replace(MODELS[1], path=QWEN.replace("Q4_K_M", "F16"), quantization="F16", size_bytes=8_050_000_000)


class Window:
    """A window with files to drop and a hub to look at."""

    def __init__(self, whole: WholeWindow) -> None:
        self.whole, self.core, self.session, self.qtbot = whole, whole.core, whole.session, whole.qtbot
        self.qtbot.waitUntil(lambda: not self.session.models.listing)

    @property
    def page(self) -> ModelsPage:
        page = self.whole.workspace.middle.models_page
        assert page is not None
        return page

    def widget(self, key: str, kind: type[QWidget]) -> QWidget:
        self.qtbot.waitUntil(lambda: isinstance(self.page.stack.widget_of(key), kind))
        found = self.page.stack.widget_of(key)
        assert found is not None
        return found

    def brought(self, path: str = DROPPED) -> ImportCard:
        card = self.widget(f"import:{path}", ImportCard)
        assert isinstance(card, ImportCard)
        return card

    def download(self, file: str = FILE.name) -> DownloadCard:
        card = self.widget(f"download:{(REPOSITORY, file)}", DownloadCard)
        assert isinstance(card, DownloadCard)
        return card

    def job(self) -> QuantizeCard:
        card = self.widget("job", QuantizeCard)
        assert isinstance(card, QuantizeCard)
        return card

    def panel(self) -> DownloadPanel:
        self.whole.workspace.show_models()
        self.click(self.page.download)
        panel = self.widget("search", DownloadPanel)
        assert isinstance(panel, DownloadPanel)
        return panel

    def click(self, button: QWidget) -> None:
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def press(self, card: JobCard, what: str) -> None:
        self.qtbot.waitUntil(card.buttons[what].isVisible)
        self.click(card.buttons[what])

    def drop(self, *paths: str, on: QWidget | None = None) -> None:
        """Drag files over a widget and let them go, as Qt hands that on: to whoever accepts it first."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in paths])
        copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        target: QWidget | None = on or self.whole.workspace
        if isinstance(target, QAbstractScrollArea):
            target = target.viewport()
        while target is not None:
            if target.acceptDrops():
                enter = QDragEnterEvent(QPoint(5, 5), copy, data, left, Qt.KeyboardModifier.NoModifier)
                enter.ignore()
                QApplication.sendEvent(target, enter)
                if enter.isAccepted():
                    break
            target = target.parentWidget()
        assert target is not None
        dropped = QDropEvent(QPoint(5, 5), copy, data, left, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(target, dropped)


Opened = Callable[..., Window]


@pytest.fixture
def opened(open_window: Open) -> Opened:  # noqa: F811
    def open_one(
        *, offline: bool = False, paused: tuple[PausedDownload, ...] = (), files: Sequence[str] = ()
    ) -> Window:
        models = (*MODELS[:2], WHOLE)
        core = FakeCore(automatic=False, models=models, model=None)
        core.settings |= {"language": "en", "theme": "light", "offline": offline}
        core.elsewhere = (GEMMA, replace(MODELS[2], path=HALF, problem=CUT))
        core.fits = {**fits_of(models), DROPPED: LESS_CONTEXT}
        core.hub = {REPOSITORY: HUB}
        core.paused = paused
        return Window(open_window(core, files=files))

    return open_one
