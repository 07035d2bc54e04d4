"""Where the prompt, the probabilities and the cost of replies are asked for in other parts of the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.ui.workspace import Workspace


def connect(workspace: Workspace) -> None:
    """Lead everything that asks for one of these panels to it."""
    session = workspace.session
    session.context.open_wanted.connect(lambda: workspace.toggle_panel("context"))
    session.probabilities.open_wanted.connect(lambda: _show(workspace, "probabilities"))
    workspace.conversation.insight_wanted.connect(lambda name, key: _ask(workspace, name, key))


def _ask(workspace: Workspace, name: str, key: int) -> None:
    if name == "probabilities":
        workspace.session.probabilities.show(key)
    elif name == "why":
        workspace.session.why.show(key)
    else:
        workspace.session.costs.show(key)
    _show(workspace, name)


def _show(workspace: Workspace, name: str) -> None:
    if workspace.panel != name:
        workspace.open_panel(name)
