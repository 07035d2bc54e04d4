"""A window with the models page in front."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from desktop.core.types.models import ModelFile
from desktop.ui.models.model_card import ModelCard
from desktop.ui.models.page import ModelsPage
from tests.fakes.core import FakeCore
from tests.fakes.fits import fits_of
from tests.fakes.samples import MODELS
from tests.gui.whole_window import Open, WholeWindow, open_window  # noqa: F401  a fixture

OpenPage = Callable[..., "PageWindow"]


class PageWindow:
    """A window with the models page in front."""

    def __init__(self, whole: WholeWindow) -> None:
        self.whole, self.core, self.qtbot = whole, whole.core, whole.qtbot
        self.session = whole.session
        whole.workspace.show_models()
        assert whole.workspace.middle.models_page is not None
        self.page: ModelsPage = whole.workspace.middle.models_page
        self.qtbot.waitUntil(lambda: not self.session.models.listing)

    def card(self, path: str) -> ModelCard:
        self.qtbot.waitUntil(lambda: isinstance(self.page.stack.widget_of(f"model:{path}"), ModelCard))
        found = self.page.stack.widget_of(f"model:{path}")
        assert isinstance(found, ModelCard)
        return found

    def click(self, button: QWidget) -> None:
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def choose(self, path: str, name: str) -> None:
        """Open a card's menu and press the entry that begins with `name`."""
        actions = self.card(path).menu().actions()
        next(action for action in actions if action.text().startswith(name)).trigger()

    def key(self, key: Qt.Key) -> None:
        focused = QApplication.focusWidget()
        assert focused is not None
        self.qtbot.keyClick(focused, key)

    @property
    def order(self) -> list[str]:
        return [row.key for row in self.page.stack.rows]


@pytest.fixture
def opened(open_window: Open) -> OpenPage:  # noqa: F811
    def open_page(models: tuple[ModelFile, ...] = MODELS, **changes: object) -> PageWindow:
        core = FakeCore(automatic=False, models=models, **{"model": None, **changes})  # type: ignore[arg-type]
        core.settings |= {"language": "en", "theme": "light"}
        core.fits = fits_of(models)
        return PageWindow(open_window(core))

    return open_page
