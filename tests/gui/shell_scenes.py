"""Scenes of what stands around every view: command palette, shortcuts, settings, sizes of text."""

from msgspec.structs import replace
from PySide6.QtWidgets import QLineEdit

from desktop.core.events import DownloadingModel, EngineStatus, SearchModel, ServerStatus
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.models import ImportedSearchModel
from desktop.ui.panels.settings import SettingsPanel
from desktop.ui.welcome.offer import ModelOffer
from desktop.view_models.welcome import Step
from tests.fakes.fits import HUB
from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle


@scene
def scene_palette(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.command_palette.open()


@scene
def scene_palette_found(stage: Stage) -> None:
    stage.open(chat=2)
    settle()
    stage.workspace.command_palette.open()
    stage.workspace.command_palette.field.setText("mo")


@scene
def scene_palette_nothing_found(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.command_palette.open()
    stage.workspace.command_palette.field.setText("xylophone")


@scene
def scene_narrow_palette(stage: Stage) -> None:
    scene_palette_found(stage)


@scene
def scene_shortcuts(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.open_panel("shortcuts")


@scene
def scene_shortcuts_found(stage: Stage) -> None:
    scene_shortcuts(stage)
    settle()
    field = stage.workspace.side.findChild(QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText("ctrl+shift")


STACK = """Fatal Python error: Segmentation fault

Current thread 0x00007f3a (most recent call first):
  File "/home/ana/sobremesa/desktop/ui/conversation/view.py", line 212 in paintEvent
  File "/home/ana/sobremesa/desktop/app.py", line 88 in run
"""


@scene
def scene_last_run(stage: Stage) -> None:
    stage.open(chat=2)
    crashed = Problem("window_crashed", {"how": "Segmentation fault"}, STACK)
    stage.session.notices.add(crashed, "last_run")


@scene
def scene_last_run_report(stage: Stage) -> None:
    scene_last_run(stage)
    stage.session.notices.tell_more(stage.session.notices.notices[0].problem)
    stage.workspace.open_panel("report")


@scene
def scene_settings_found(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.open_panel("settings")
    settle()
    panel = stage.workspace.side.findChild(SettingsPanel)
    assert isinstance(panel, SettingsPanel)
    panel.search.setText(stage.texts.setting)


@scene
def scene_settings_search_model(stage: Stage) -> None:
    """Another embedding model is on its way."""
    scene_settings_found(stage)
    coming = "/models/embeddings/e5-small.gguf"
    stage.core.settings["embedder_path"] = coming
    stage.core.tell(SearchModel("/models/embeddings/e5-small", coming, 12_340, 50_200))
    settle()
    panel = stage.workspace.side.findChild(SettingsPanel)
    assert isinstance(panel, SettingsPanel)
    panel.search.setText("embedder path")


@scene
def scene_settings_search_model_download(stage: Stage) -> None:
    """One is on its way from the hub."""
    scene_settings_found(stage)
    panel = stage.workspace.side.findChild(SettingsPanel)
    assert isinstance(panel, SettingsPanel)
    panel.search.setText("embedder path")
    under_way: Operation[ImportedSearchModel] = Operation()
    stage.core.download_search_model = lambda *_: under_way
    stage.session.settings.search_download.begin("intfloat/multilingual-e5-small")
    under_way.emit(DownloadingModel(120_000_000, 480_000_000))
    settle()


@scene
def scene_settings_server(stage: Stage) -> None:
    """A Chroma server that is being shared with; its token is known."""
    scene_settings_found(stage)
    stage.core.settings["chroma_host"] = "192.168.1.5"
    stage.core.settings["chroma_share"] = True
    stage.core.server_token = "x"  # noqa: S105
    panel = stage.workspace.side.findChild(SettingsPanel)
    assert isinstance(panel, SettingsPanel)
    panel.search.setText("chroma")
    stage.core.tell(ServerStatus("sharing", "192.168.1.5", 1_240, 5_020))
    settle()
    panel.row("chroma_host").refresh()


@scene
def scene_settings_server_down(stage: Stage) -> None:
    scene_settings_server(stage)
    where = {"host": "192.168.1.5", "port": "8000"}
    stage.core.tell(ServerStatus("failed", "192.168.1.5", problem=Problem("server_down", where)))


@scene
def scene_settings_nothing_found(stage: Stage) -> None:
    scene_settings_found(stage)
    panel = stage.workspace.side.findChild(SettingsPanel)
    assert isinstance(panel, SettingsPanel)
    panel.search.setText("xylophone")


def _welcome(stage: Stage, step: Step) -> None:
    stage.open(chats=False)
    settle()
    stage.session.welcome.begin(step)
    settle()


@scene
def scene_welcome_language(stage: Stage) -> None:
    _welcome(stage, "language")


@scene
def scene_welcome_model(stage: Stage) -> None:
    _welcome(stage, "model")


@scene
def scene_welcome_no_model(stage: Stage) -> None:
    stage.core.models = ()
    stage.core.engine = EngineStatus("no_model")
    stage.core.settings["offline"] = True
    _welcome(stage, "model")


@scene
def scene_welcome_offer(stage: Stage) -> None:
    stage.core.models = ()
    stage.core.engine = EngineStatus("no_model")
    stage.core.settings["offline"] = False
    _welcome(stage, "model")
    mine = stage.session.welcome.repository
    stage.core.hub = {mine: replace(HUB, id=mine)}
    stage.session.downloads.look_up(stage.session.welcome.repository)


@scene
def scene_welcome_downloading(stage: Stage) -> None:
    scene_welcome_offer(stage)
    settle()
    offer = stage.workspace.findChild(ModelOffer)
    assert isinstance(offer, ModelOffer)
    offer.button.click()


@scene
def scene_welcome_documents(stage: Stage) -> None:
    _welcome(stage, "documents")
    stage.session.welcome.count(3)


@scene
def scene_narrow_welcome_model(stage: Stage) -> None:
    scene_welcome_offer(stage)
