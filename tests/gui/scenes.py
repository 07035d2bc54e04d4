"""Every view and state of the window, each as a function that brings a stage to it. Saves no picture."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from msgspec.structs import replace
from PySide6.QtCore import QPoint, QSize
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop.core.events import EngineStatus, StorageProblem
from desktop.core.settings import Value
from desktop.core.types import Problem, ThoughtsPart
from desktop.core.types.models import ModelChoice
from desktop.ui.conversation.folding import unfold_thoughts
from desktop.ui.panels.settings import SettingsPanel
from tests.fakes.samples import EXCERPTS, QWEN, SMOLLM, loaded, without_template
from tests.gui import (  # noqa: F401  add their own
    answer_scenes,
    asking_scenes,
    branch_scenes,
    chat_scenes,
    comparing_scenes,
    data_scenes,
    document_scenes,
    file_scenes,
    insight_scenes,
    library_scenes,
    message_scenes,
    model_scenes,
    prompt_scenes,
    rendering_scenes,
    score_scenes,
    shell_scenes,
    workshop_scenes,
)
from tests.gui.scene_register import SCENES, scene
from tests.gui.scene_texts import Texts
from tests.gui.stage import NARROW, WIDE, Stage, settle, wait_for

OF_THE_SIDEBAR = ("chat-folders", "chats-", "sidebar-")


@contextmanager
def staged(name: str, texts: Texts, settings: Mapping[str, Value]) -> Iterator[Stage]:
    """A stage on which the scene `name` stands, with these settings."""
    stage = Stage(texts, QSize(NARROW if name.startswith("narrow") else WIDE))
    stage.core.settings |= settings
    try:
        SCENES[name](stage)
        if name.startswith(OF_THE_SIDEBAR) and stage.window.workspace is not None:
            stage.workspace.unfold_sidebar()  # large text folds it
        yield stage
    finally:
        stage.close()


# ── opening ───────────────────────────────────────────────────────────────────────────────────────


@scene
def scene_opening(stage: Stage) -> None:
    stage.window.show()
    settle(350)


@scene
def scene_opening_failed(stage: Stage) -> None:
    stage.window.show()
    stage.window.show_failure(Problem("data_in_use", {"folder": "/home/ana/.local/share/sobremesa"}))


@scene
def scene_opening_damaged(stage: Stage) -> None:
    stage.window.show()
    file = "/home/ana/.local/share/sobremesa/chats.sqlite3"
    stage.window.show_failure(Problem("database_damaged", {"file": file}))


# ── conversation ──────────────────────────────────────────────────────────────────────────────────


@scene
def scene_first_run_without_model(stage: Stage) -> None:
    stage.core.models = ()
    stage.core.engine = EngineStatus("no_model")
    stage.core.fail("plan_prompt", Problem("no_model", {"folder": "/home/ana/models"}), 20)
    stage.open(chats=False)


@scene
def scene_empty(stage: Stage) -> None:
    stage.open()


@scene
def scene_searching(stage: Stage) -> None:
    from desktop.core.events import SearchingDocuments

    stage.open(chat=2)
    stage.ask(stage.texts.question).emit(SearchingDocuments())


@scene
def scene_streaming(stage: Stage) -> None:
    stage.open(chats=True)
    stage.say(2, stage.texts.question, stage.texts.cited, EXCERPTS)
    stage.session.conversation.open(2)
    settle()
    reply = stage.ask(stage.texts.follow_up)
    for word in stage.texts.cooking.split(" "):
        reply.write(word + " ")


@scene
def scene_cited(stage: Stage) -> None:
    stage.open()
    stage.say(2, stage.texts.question, stage.texts.cited, EXCERPTS)
    stage.session.conversation.open(2)


@scene
def scene_sources_nearest(stage: Stage) -> None:
    stage.open()
    stage.say(2, stage.texts.question, stage.texts.uncited, EXCERPTS)
    stage.session.conversation.open(2)


@scene
def scene_sources_nothing(stage: Stage) -> None:
    stage.open()
    stage.say(2, stage.texts.question, stage.texts.uncited, ())
    stage.session.conversation.open(2)


@scene
def scene_code_and_table(stage: Stage) -> None:
    stage.open()
    stage.say(5, stage.texts.code_question, stage.texts.code)
    stage.session.conversation.open(5)


@scene
def scene_long_text(stage: Stage) -> None:
    stage.open()
    stage.say(3, stage.texts.long_question, stage.texts.long_answer)
    stage.session.conversation.open(3)


@scene
def scene_reply_failed(stage: Stage) -> None:
    stage.open(chat=2)
    reply = stage.ask(stage.texts.question)
    reply.write(stage.texts.half)
    reply.fail(Problem("engine_died", {"how": "SIGKILL"}, "llama_decode: out of memory"))


@scene
def scene_reply_stopped(stage: Stage) -> None:
    stage.open(chat=2)
    reply = stage.ask(stage.texts.question)
    reply.write(stage.texts.half)
    reply.stop()


@scene
def scene_reply_interrupted(stage: Stage) -> None:
    stage.open()
    done = stage.say(2, stage.texts.question, stage.texts.half)
    stage.core.chats.change(replace(done, state="interrupted", stats=None))
    stage.session.conversation.open(2)


@scene
def scene_thoughts(stage: Stage) -> None:
    stage.open()
    done = stage.say(2, stage.texts.question, stage.texts.uncited)
    parts = (ThoughtsPart(stage.texts.half, 12.0), *done.parts)
    stage.core.chats.change(replace(done, parts=parts))
    stage.session.conversation.open(2)


@scene
def scene_thoughts_open(stage: Stage) -> None:
    scene_thoughts(stage)
    settle()
    view = stage.workspace.conversation
    unfold_thoughts(view, 1, unfolded=True)


@scene
def scene_thinking(stage: Stage) -> None:
    stage.open(chat=2)
    stage.ask(stage.texts.question).think(stage.texts.half)


@scene
def scene_template_missing(stage: Stage) -> None:
    stage.core.engine = EngineStatus("ready", without_template())
    stage.open()


@scene
def scene_template_panel(stage: Stage) -> None:
    model = without_template()
    stage.core.choices[model.path] = ModelChoice("completion")
    stage.core.engine = EngineStatus("ready", model)
    stage.open(chat=2)
    stage.workspace.open_panel("template")


@scene
def scene_narrow_template_missing(stage: Stage) -> None:
    scene_template_missing(stage)


# ── sidebar ───────────────────────────────────────────────────────────────────────────────────────


@scene
def scene_sidebar_found(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.sidebar.search.setText(stage.texts.search)
    settle(250)


@scene
def scene_sidebar_nothing_found(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.sidebar.search.setText("xylophone")
    settle(250)


@scene
def scene_sidebar_rename(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.sidebar.list.rename(3)


@scene
def scene_sidebar_menu(stage: Stage) -> None:
    stage.open(chat=2)
    chats = stage.workspace.sidebar.list
    info = stage.session.chats.info(3)
    assert info is not None
    stage.pop_up(chats.menu_for(info), chats.viewport().mapToGlobal(QPoint(150, 150)))


@scene
def scene_sidebar_undo(stage: Stage) -> None:
    stage.open(chat=2)
    stage.session.chats.delete(3)


# ── models ────────────────────────────────────────────────────────────────────────────────────────


@scene
def scene_model_menu(stage: Stage) -> None:
    stage.core.engine = EngineStatus("ready", loaded(gpu_layers=31))
    stage.open(chat=2)
    button = stage.workspace.header.model
    stage.pop_up(button.menu(), button.mapToGlobal(QPoint(0, button.height())))


@scene
def scene_model_loading(stage: Stage) -> None:
    stage.open(chat=2)
    stage.session.models.load(QWEN)
    stage.core.loadings[-1].progress(0.42)


@scene
def scene_model_failed(stage: Stage) -> None:
    stage.open(chat=2)
    problem = Problem("engine_died", {"how": "SIGSEGV"}, "llama_model_load: error loading model")
    stage.core.tell(EngineStatus("failed", path=SMOLLM, problem=problem))


# ── panels ────────────────────────────────────────────────────────────────────────────────────────


@scene
def scene_system_prompt(stage: Stage) -> None:
    stage.open()
    stage.core.chats.set_system_prompt(2, stage.texts.prompt)
    stage.session.conversation.open(2)
    stage.workspace.open_panel("system_prompt")


@scene
def scene_settings(stage: Stage) -> None:
    stage.open(chat=2)
    stage.core.settings["temperature"] = 0.4
    stage.workspace.open_panel("settings")


@scene
def scene_settings_model(stage: Stage) -> None:
    scene_settings(stage)
    settle()
    panel = stage.workspace.side.findChild(SettingsPanel)
    assert isinstance(panel, SettingsPanel)
    wait_for(lambda: panel.complete)
    settle()
    for area in panel.findChildren(QScrollArea):
        area.ensureWidgetVisible(panel.row("runtime"))


@scene
def scene_settings_replies(stage: Stage) -> None:
    scene_settings(stage)
    panel = stage.workspace.side.findChild(SettingsPanel)
    assert isinstance(panel, SettingsPanel)
    wait_for(lambda: panel.complete)
    settle()
    _scroll_down(stage.workspace.side)


@scene
def scene_notices(stage: Stage) -> None:
    stage.open(chat=2)
    folder = "/home/ana/.local/share/sobremesa"
    stage.core.tell(StorageProblem(Problem("storage_full", {"folder": folder})))
    stage.session.notices.add(Problem("unexpected", {}, "Traceback (most recent call last)"), "defect")


# ── small windows ─────────────────────────────────────────────────────────────────────────────────


@scene
def scene_narrow(stage: Stage) -> None:
    scene_cited(stage)


@scene
def scene_narrow_sidebar(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.unfold_sidebar()


@scene
def scene_narrow_model_failed(stage: Stage) -> None:
    scene_model_failed(stage)


def _scroll_down(widget: QWidget) -> None:
    for area in widget.findChildren(QScrollArea):
        area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
