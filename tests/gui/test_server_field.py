"""The field of the Chroma server: its name, its token, how it stands with it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from desktop.core.events import ServerStatus
from desktop.core.types import Problem
from desktop.ui.panels.server_field import ServerField
from tests.gui.test_settings_panel import core_with_chats, open_window, panel_of, whole  # noqa: F401  fixtures
from tests.gui.whole_window import WholeWindow

HOST = "192.168.1.5"


def field_of(whole: WholeWindow) -> ServerField:  # noqa: F811
    field = panel_of(whole).row("chroma_host").field
    assert isinstance(field, ServerField)
    return field


def test_a_server_is_named_and_its_token_given_without_being_shown(whole: WholeWindow) -> None:  # noqa: F811
    field = field_of(whole)
    assert (field.token.isHidden(), field.trouble.isHidden()) == (True, True)
    field.line.setFocus()
    whole.qtbot.keyClicks(field.line, HOST)
    whole.qtbot.keyClick(field.line, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: whole.core.settings["chroma_host"] == HOST)
    whole.qtbot.waitUntil(lambda: not field.token.isHidden())
    assert field.token.echoMode() == QLineEdit.EchoMode.Password
    whole.core.has_keyring = False
    whole.qtbot.keyClicks(field.token, "sesame")
    whole.qtbot.keyClick(field.token, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: whole.core.server_token == "sesame")  # noqa: S105
    whole.qtbot.waitUntil(lambda: not field.forget.isHidden())
    assert (field.token.text(), "no keyring" in field.about_token.text()) == ("", True)
    field.forget.click()
    whole.qtbot.waitUntil(lambda: whole.core.server_token == "")
    whole.qtbot.waitUntil(field.forget.isHidden)


def test_how_it_stands_with_the_server_is_told(whole: WholeWindow) -> None:  # noqa: F811
    field = field_of(whole)
    whole.core.tell(ServerStatus("sharing", HOST, 12, 50))
    whole.qtbot.waitUntil(lambda: "12 of 50" in field.told.text())
    where = {"host": HOST, "port": "8000"}
    whole.core.tell(ServerStatus("failed", HOST, problem=Problem("server_down", where)))
    whole.qtbot.waitUntil(lambda: HOST in field.trouble.text())
    whole.core.tell(ServerStatus("ready", HOST, 50, 50, 2))
    whole.qtbot.waitUntil(field.trouble.isHidden)
    assert "2 collections" in field.told.text()
