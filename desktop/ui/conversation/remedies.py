"""What the button on a problem's card does."""

from collections.abc import Callable

from desktop.view_models.conversation import ConversationViewModel


def carry_out(action: str, view_model: ConversationViewModel, choose_template: Callable[[], object]) -> None:
    """`action` is one of `wording.remedy`."""
    match action:
        case "restart":
            view_model.restart_engine()
        case "model":
            view_model.model_wanted.emit()
        case "template":
            choose_template()
        case _:
            view_model.retry()
