"""What the command palette finds beside commands: chats, prompts, models, settings. Opens nothing itself."""

from collections.abc import Callable, Iterator
from functools import partial

from desktop import i18n
from desktop.i18n import _
from desktop.ui.commands import AREAS, Commands
from desktop.ui.prompts.texts import name_of
from desktop.ui.shell.rows import Row
from desktop.ui.sidebar.rows import title_of
from desktop.view_models.models import title as model_title
from desktop.view_models.session import Session
from desktop.words.settings import setting_help, setting_label


def commands(registry: Commands) -> Iterator[Row]:
    """Every command that can be done at present."""
    for command in sorted(registry, key=lambda one: AREAS.index(one.area)):
        act = command.act
        if act is not None and command.in_palette and command.enabled():
            yield Row(command.words, act, command.shown_keys, command.icon or "continue", more=command.more)


def chats(session: Session, open_chat: Callable[[int], None]) -> Iterator[Row]:
    for chat in session.chats.all:
        yield Row(title_of(chat), partial(open_chat, chat.id), _("Chat"), "prompt")


def prompts(session: Session, use: Callable[[str], object]) -> Iterator[Row]:
    """Chosen, a prompt is what the chat in front is told first."""
    spoken = i18n.language()
    choices = session.prompt_library.choices
    foreign = {one.key for one in choices if not one.own and one.language != spoken}
    for prompt in sorted(choices, key=lambda one: one.key in foreign):
        words = _("Use the prompt “{name}”").format(name=name_of(prompt))
        kind = _("Prompt")
        if prompt.key in foreign:
            kind = _("Prompt, in Spanish") if prompt.language == "es" else _("Prompt, in English")
        yield Row(words, partial(use, prompt.key), kind, "prompts", more=prompt.folder)


def models(session: Session) -> Iterator[Row]:
    for model in session.models.models:
        if model.problem is None:
            act = partial(session.models.load, model.path)
            yield Row(model_title(model), act, _("Model"), "models", more=model.quantization)


def settings(session: Session, show: Callable[[str], None]) -> Iterator[Row]:
    for setting in session.settings.declarations:
        name = setting.name
        yield Row(setting_label(name), partial(show, name), _("Setting"), "settings", more=setting_help(name))
