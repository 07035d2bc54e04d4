"""The panels beside the conversation: one at a time, each built when it is first asked for."""

from collections.abc import Callable

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.core.errors import PromptValuesMissing
from desktop.core.types import Problem
from desktop.i18n import _
from desktop.ui.commands import Commands
from desktop.ui.panels.frame import PanelFrame
from desktop.ui.stack import Stack
from desktop.view_models.session import Session


class Panel(msgspec.Struct, frozen=True):
    """How a panel is made, and what it has to do with a chat.

    `of_a_chat`: it keeps its choices in a stored chat. `beside_a_chat`: it says nothing beside a page.
    """

    make: "Callable[[SidePanels], QWidget]"
    of_a_chat: bool = False
    beside_a_chat: bool = False
    beside_pages: tuple[str, ...] = ()  # it stands beside these as well


class SidePanels(Stack):
    """Which of them stands open is the window's business."""

    closed = Signal()  # from inside a panel
    panel_wanted = Signal(str)  # a panel asks for another one

    def __init__(self, session: Session, commands: Commands, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.commands = commands
        self._frames: dict[str, QWidget] = {}
        session.conversation.problem_changed.connect(self._ask_for_values)

    def made(self, name: str) -> QWidget | None:
        """The panel where it was asked for before."""
        return self._frames.get(name)

    def show_panel(self, name: str) -> QWidget:
        """Put one in front, built if need be."""
        if name not in self._frames:
            frame = PANELS[name].make(self)
            self._frames[name] = frame
            self.addWidget(frame)
            if isinstance(frame, PanelFrame):
                frame.closed.connect(self.closed)
        self.setCurrentWidget(self._frames[name])
        return self._frames[name]

    def _ask_for_values(self, problem: Problem | None) -> None:
        """What the system prompt asks for is filled in beside the question that waits for it."""
        from desktop.ui.panels.system_prompt import SystemPromptPanel

        if problem is None or problem.code != PromptValuesMissing.code:
            return
        self.panel_wanted.emit("system_prompt")
        panel = self.made("system_prompt")
        if isinstance(panel, PanelFrame) and isinstance(panel.content, SystemPromptPanel):
            panel.content.focus_missing()

    def width_needed(self, name: str) -> int:
        frame = self._frames.get(name)
        return frame.minimumWidth() if frame is not None else 0


# each brings its module in by itself: none of them is needed before it is asked for


def _system_prompt(side: SidePanels) -> QWidget:
    from desktop.ui.panels.system_prompt import SystemPromptPanel

    session = side.session
    prompt = SystemPromptPanel(session.system_prompt, session.prompt_library, session.models)
    prompt.template_wanted.connect(lambda: side.panel_wanted.emit("template"))
    prompt.library_wanted.connect(lambda: side.commands.run("prompts"))
    return PanelFrame(_("System prompt"), prompt)


def _template(side: SidePanels) -> QWidget:
    from desktop.ui.panels.template import TemplatePanel

    return PanelFrame(_("Template"), TemplatePanel(side.session.templates))


def _documents(side: SidePanels) -> QWidget:
    from desktop.ui.documents import DocumentsPanel

    panel = DocumentsPanel(side.session.documents, titled=False)
    panel.models_dropped.connect(side.session.model_imports.add)
    documents, keeping = side.session.documents, side.session.library_keeping
    panel.folder_chosen.connect(lambda path: keeping.watch(path, documents.current))
    return PanelFrame(_("Documents"), panel)


def _settings(side: SidePanels) -> QWidget:
    from desktop.ui.panels.settings import SettingsPanel

    settings = SettingsPanel(side.session.settings)
    settings.data_wanted.connect(lambda: side.panel_wanted.emit("your_data"))
    return PanelFrame(_("Settings"), settings)


def _shortcuts(side: SidePanels) -> QWidget:
    from desktop.ui.shell.shortcut_list import ShortcutList

    return PanelFrame(_("Shortcuts"), ShortcutList(side.commands))


def _context(side: SidePanels) -> QWidget:
    from desktop.ui.prompt_view.panel import ContextPanel

    panel = ContextPanel(side.session.context)
    panel.models_wanted.connect(lambda: side.commands.run("models"))
    return PanelFrame(_("Context"), panel)


def _report(side: SidePanels) -> QWidget:
    from desktop.ui.panels.report import ReportPanel

    return PanelFrame(_("What happened"), ReportPanel(side.session.notices))


def _probabilities(side: SidePanels) -> QWidget:
    from desktop.ui.insight.probabilities_panel import ProbabilitiesPanel

    return PanelFrame(_("Probabilities"), ProbabilitiesPanel(side.session.probabilities))


def _cost(side: SidePanels) -> QWidget:
    from desktop.ui.insight.cost_panel import CostPanel

    return PanelFrame(_("What it cost"), CostPanel(side.session.costs))


def _parameters(side: SidePanels) -> QWidget:
    from desktop.ui.panels.parameters import ParametersPanel

    return PanelFrame(_("Parameters"), ParametersPanel(side.session.parameters))


def _viewer(side: SidePanels) -> QWidget:
    from desktop.ui.viewer import PageViewer

    return PageViewer(side.session.viewer)


def _chat_sources(side: SidePanels) -> QWidget:
    from desktop.ui.sources.chat_panel import ChatSourcesPanel

    return PanelFrame(_("Sources of this chat"), ChatSourcesPanel(side.session.chat_sources))


def _why(side: SidePanels) -> QWidget:
    from desktop.ui.sources.why_panel import WhyPanel

    return PanelFrame(_("Why these passages?"), WhyPanel(side.session.why))


def _branches(side: SidePanels) -> QWidget:
    from desktop.ui.panels.branches import BranchesPanel

    return PanelFrame(_("Branches"), BranchesPanel(side.session.branches))


PANELS: dict[str, Panel] = {
    "branches": Panel(_branches, beside_a_chat=True),
    "system_prompt": Panel(_system_prompt, of_a_chat=True, beside_a_chat=True),
    "documents": Panel(_documents, of_a_chat=True, beside_a_chat=True),
    "template": Panel(_template),
    "settings": Panel(_settings),
    "shortcuts": Panel(_shortcuts),
    "report": Panel(_report),
    "context": Panel(_context, beside_a_chat=True),
    "probabilities": Panel(_probabilities, beside_a_chat=True),
    "cost": Panel(_cost, beside_a_chat=True),
    "parameters": Panel(_parameters, of_a_chat=True, beside_a_chat=True),
    "chat_sources": Panel(_chat_sources, beside_a_chat=True),
    "why": Panel(_why, beside_a_chat=True),
    "viewer": Panel(_viewer, beside_a_chat=True, beside_pages=("comparing", "documents")),
}
