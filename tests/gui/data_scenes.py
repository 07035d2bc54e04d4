"""Scenes of the page “Your data”: at rest, while something runs, reports, a backup, trouble."""

from desktop.core.events import StorageProblem
from desktop.core.exchange.errors import BackupDamaged, NoChatsFound
from desktop.core.types import Param, Problem
from desktop.core.types.encryption import Converting, EncryptionState
from desktop.core.types.exchange import BackupProgress, ImportingChats
from desktop.core.types.health import Finding, Health
from desktop.ui.licences.page import LicencesPage
from desktop.ui.your_data.encryption_card import EncryptionCard
from desktop.ui.your_data.page import YourDataPage
from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle


@scene
def scene_your_data(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.show_page("your_data")


@scene
def scene_your_data_importing(stage: Stage) -> None:
    scene_your_data(stage)
    stage.core.held_exchanges.add("import_chats")
    stage.session.exchange.import_chats("/home/ana/chatgpt.zip")
    stage.core.exchanges[-1].emit(ImportingChats(42_000_000, 120_000_000, 1_318))
    settle()


@scene
def scene_your_data_report(stage: Stage) -> None:
    scene_your_data(stage)
    stage.session.exchange.import_chats("/home/ana/chatgpt.zip")
    settle()


@scene
def scene_your_data_refused(stage: Stage) -> None:
    scene_your_data(stage)
    stage.core.fail("import_chats", NoChatsFound(path="/home/ana/fotos.zip").problem())
    stage.session.exchange.import_chats("/home/ana/fotos.zip")
    settle()


@scene
def scene_your_data_backup(stage: Stage) -> None:
    scene_your_data(stage)
    stage.core.held_exchanges.add("back_up")
    stage.session.exchange.back_up("/home/ana/sobremesa.zip")
    stage.core.exchanges[-1].emit(BackupProgress("packing", 0.6))
    settle()


@scene
def scene_your_data_restore(stage: Stage) -> None:
    scene_your_data(stage)
    stage.session.exchange.look_into("/home/ana/sobremesa.zip")
    settle()


@scene
def scene_your_data_restored(stage: Stage) -> None:
    scene_your_data_restore(stage)
    stage.session.exchange.restore(replace=True)
    settle()


@scene
def scene_your_data_damaged(stage: Stage) -> None:
    scene_your_data(stage)
    stage.core.fail("look_into_backup", BackupDamaged(path="/home/ana/sobremesa.zip", part="x").problem())
    stage.session.exchange.look_into("/home/ana/sobremesa.zip")
    settle()


@scene
def scene_your_data_checked(stage: Stage) -> None:
    scene_your_data(stage)
    found = (
        Finding("permissions", "open_files", "trouble", {"count": 3}, state="repairable"),
        Finding("models", "search_model_gone", "trouble", {"path": "/home/ana/e5.gguf"}),
        Finding("chats", "chat_words_wrong", "trouble", state="repaired"),
    )
    stage.core.health = Health((*found, *stage.core.health.findings))
    stage.session.health.check()
    settle()
    _to_the_end(stage)


@scene
def scene_your_data_diagnostics(stage: Stage) -> None:
    scene_your_data(stage)
    stage.session.health.gather()
    settle()
    _to_the_end(stage)


def _to_the_end(stage: Stage) -> None:
    page = stage.workspace.middle.findChild(YourDataPage)
    assert page is not None
    settle()
    bar = page.area.verticalScrollBar()
    bar.setValue(bar.maximum())


def _encryption_card(stage: Stage, state: EncryptionState) -> EncryptionCard:
    scene_your_data(stage)
    stage.core.encryption_state = state
    stage.session.encryption.look()
    settle()
    page = stage.workspace.middle.findChild(YourDataPage)
    assert page is not None
    return page.encryption


def _into_view(stage: Stage, card: EncryptionCard) -> None:
    settle()
    page = stage.workspace.middle.findChild(YourDataPage)
    assert page is not None
    page.area.ensureWidgetVisible(card, 0, 0)
    settle()


@scene
def scene_encryption_set_up(stage: Stage) -> None:
    """What a lost passphrase means and what stays outside, before anything is encrypted."""
    card = _encryption_card(stage, "off")
    card.encrypt.click()
    card.first.setText("correct horse battery")
    card.second.setText("correct horse")
    _into_view(stage, card)


@scene
def scene_encryption_running(stage: Stage) -> None:
    card = _encryption_card(stage, "off")
    stage.core.held_encryption = True
    card.encrypt.click()
    card.first.setText("correct horse battery")
    card.second.setText("correct horse battery")
    card.go.click()
    stage.core.conversions[-1].emit(Converting(0.4))
    _into_view(stage, card)


@scene
def scene_encryption_change(stage: Stage) -> None:
    """The present passphrase was wrong."""
    card = _encryption_card(stage, "on")
    stage.core.passphrase = "correct horse battery"  # noqa: S105  a scene's
    card.change.click()
    card.old.setText("wrong horse")
    card.first.setText("staple under the lamp")
    card.second.setText("staple under the lamp")
    card.go.click()
    _into_view(stage, card)


@scene
def scene_encryption_remove(stage: Stage) -> None:
    card = _encryption_card(stage, "on")
    card.decrypt.click()
    _into_view(stage, card)


@scene
def scene_unlock(stage: Stage) -> None:
    stage.window.show_unlock("/home/ana/.local/share/sobremesa")


@scene
def scene_unlock_refused(stage: Stage) -> None:
    page = stage.window.show_unlock("/home/ana/.local/share/sobremesa")
    page.refuse(Problem("passphrase_wrong"))
    page.forgotten.click()


@scene
def scene_narrow_unlock(stage: Stage) -> None:
    scene_unlock_refused(stage)


@scene
def scene_narrow_your_data_report(stage: Stage) -> None:
    scene_your_data_report(stage)


@scene
def scene_rescued(stage: Stage) -> None:
    """What was saved of a damaged file of chats, and where that lies now."""
    stage.open(chat=2)
    file = "/home/ana/.local/share/sobremesa/chats.sqlite3"
    saved: dict[str, Param] = {
        "file": file,
        "kept_as": f"{file}.damaged-1",
        "days": 30,
        "saved_chats": 212,
        "saved_messages": 5160,
    }
    stage.core.tell(StorageProblem(Problem("database_damaged", saved)))


@scene
def scene_licences(stage: Stage) -> None:
    stage.open(chat=2)
    page = stage.workspace.show_page("licences")
    assert isinstance(page, LicencesPage)
    settle()
    page.list.setCurrentIndex(page.model.index(1))
    settle()


@scene
def scene_narrow_licences(stage: Stage) -> None:
    scene_licences(stage)
