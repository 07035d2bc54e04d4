"""The pages that may stand in the place of the conversation, by name, each built when it is first asked for.

A page has a signal `closed`, for when a person leaves it, and `focus_first()`.
"""

from collections.abc import Callable
from typing import Protocol, cast

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from desktop.view_models.session import Session


class Page(Protocol):
    """What the middle of the window needs of a page, beside its being a widget."""

    closed: SignalInstance

    def focus_first(self) -> None:
        """Give the keys to what a person most likely came for."""
        ...


def _comparing(session: Session) -> QWidget:
    from desktop.ui.comparing.page import ComparingPage

    return ComparingPage(session)


def _documents(session: Session) -> QWidget:
    from desktop.ui.documents.page import DocumentsPage

    return DocumentsPage(session)


def _licences(session: Session) -> QWidget:
    from desktop.ui.licences.page import LicencesPage

    return LicencesPage(session)


def _models(session: Session) -> QWidget:
    from desktop.ui.models.page import ModelsPage

    return ModelsPage(session)


def _prompts(session: Session) -> QWidget:
    from desktop.ui.prompts.page import PromptsPage

    return PromptsPage(session)


def _score(session: Session) -> QWidget:
    from desktop.ui.score.page import ScorePage

    return ScorePage(session)


def _welcome(session: Session) -> QWidget:
    from desktop.ui.welcome.page import WelcomePage

    return WelcomePage(session)


def _workshop(session: Session) -> QWidget:
    from desktop.ui.workshop.page import WorkshopPage

    return WorkshopPage(session)


def _your_data(session: Session) -> QWidget:
    from desktop.ui.your_data.page import YourDataPage

    return YourDataPage(session)


PAGES: dict[str, Callable[[Session], QWidget]] = {
    "comparing": _comparing,
    "documents": _documents,
    "licences": _licences,
    "models": _models,
    "prompts": _prompts,
    "score": _score,
    "welcome": _welcome,
    "workshop": _workshop,
    "your_data": _your_data,
}


def as_page(widget: QWidget) -> Page:
    """The other side of a page, for the type checker."""
    return cast("Page", widget)
