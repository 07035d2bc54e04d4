"""Encryption in the window: set up, changed and removed by keys, after all that a person has to know."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.core.types.encryption import Converting
from desktop.ui.your_data.encryption_card import EncryptionCard
from desktop.ui.your_data.page import YourDataPage
from tests.gui.scene_texts import ENGLISH
from tests.gui.stage import Stage, settle, wait_for

OLD, NEW = "correct horse battery", "staple under the lamp"


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    made = Stage(ENGLISH)
    yield made
    made.close()


@pytest.fixture
def card(stage: Stage) -> EncryptionCard:
    stage.open(chat=2)
    shown = stage.workspace.show_page("your_data")
    settle()
    assert isinstance(shown, YourDataPage)
    wait_for(lambda: stage.session.encryption.now is not None)
    return shown.encryption


def type_into(field: QLineEdit, text: str) -> None:
    QTest.keyClicks(field, text)


def enter(widget: QWidget) -> None:
    QTest.keyClick(widget, Qt.Key.Key_Return)


def test_nothing_is_encrypted_before_the_person_has_read_what_a_lost_passphrase_means(
    stage: Stage, card: EncryptionCard
) -> None:
    card.encrypt.setFocus()
    enter(card.encrypt)
    assert card.warning.isVisibleTo(card)
    assert "lost for good" in card.warning.text().replace("\N{NO-BREAK SPACE}", " ")
    told = " ".join(paragraph.text() for paragraph in card.more)
    for outside in ("settings", "presets", "workshop", "export", "backups", "documents themselves"):
        assert outside in told.replace("\N{NO-BREAK SPACE}", " ")
    assert card.window().focusWidget() is card.first
    assert stage.core.called("encrypt") == []


def test_it_is_set_up_by_keys_and_only_with_the_same_passphrase_twice(
    stage: Stage, card: EncryptionCard
) -> None:
    card.encrypt.click()
    type_into(card.first, "short")
    enter(card.first)
    assert card.window().focusWidget() is card.second
    type_into(card.second, "short")
    enter(card.second)
    assert not card.go.isEnabled()
    assert "8 characters" in card.note.text()
    card.first.setText(OLD)
    card.second.setText(NEW)
    assert not card.go.isEnabled()
    assert "not the same" in card.note.text()
    card.second.setText(OLD)
    enter(card.second)
    wait_for(lambda: card.change.isVisibleTo(card))
    assert stage.core.called("encrypt") == [(OLD,)]
    assert card.first.text() == card.second.text() == ""
    assert card.said.text().startswith("On.")
    assert card.window().focusWidget() is card.change


def test_how_far_encrypting_is_can_be_seen_and_it_cannot_be_begun_twice(
    stage: Stage, card: EncryptionCard
) -> None:
    stage.core.held_encryption = True
    card.encrypt.click()
    card.first.setText(OLD)
    card.second.setText(OLD)
    card.go.click()
    stage.core.conversions[0].emit(Converting(0.5))
    wait_for(lambda: card.bar.value() == card.bar.maximum() // 2)
    assert card.bar.isVisibleTo(card)
    assert not card.encrypt.isVisibleTo(card)
    assert not card.go.isVisibleTo(card)
    stage.core.encryption_state = "on"
    stage.core.conversions[0].finish(stage.core._told())
    wait_for(lambda: card.change.isVisibleTo(card))


def test_the_passphrase_is_changed_and_a_wrong_one_is_said(stage: Stage, card: EncryptionCard) -> None:
    stage.core.encrypt(OLD)
    stage.session.encryption.look()
    wait_for(lambda: card.change.isVisibleTo(card))
    card.change.click()
    assert card.window().focusWidget() is card.old
    type_into(card.old, NEW)
    for field in (card.first, card.second):
        type_into(field, NEW)
    enter(card.second)
    wait_for(lambda: card.problem.isVisibleTo(card))
    assert "This is not the passphrase." in card.problem.text()
    assert card.old.isVisibleTo(card)
    type_into(card.old, OLD)
    for field in (card.first, card.second):
        type_into(field, NEW)
    enter(card.second)
    wait_for(lambda: stage.core.passphrase == NEW)
    wait_for(lambda: "new passphrase" in card.said.text())


def test_it_is_removed_with_the_passphrase_and_escape_leaves_everything(
    stage: Stage, card: EncryptionCard
) -> None:
    stage.core.encrypt(OLD)
    stage.session.encryption.look()
    wait_for(lambda: card.decrypt.isVisibleTo(card))
    card.decrypt.click()
    type_into(card.old, OLD)
    QTest.keyClick(card.old, Qt.Key.Key_Escape)
    assert card.old.text() == ""
    assert not card.old.isVisibleTo(card)
    assert stage.core.called("decrypt") == []
    card.decrypt.click()
    type_into(card.old, OLD)
    enter(card.old)
    wait_for(lambda: card.encrypt.isVisibleTo(card))
    assert stage.core.encryption_state == "off"


def test_a_program_that_cannot_encrypt_says_so(stage: Stage, card: EncryptionCard) -> None:
    stage.core.encryption_state = "missing"
    stage.session.encryption.look()
    wait_for(lambda: "cannot encrypt" in card.said.text())
    assert not card.encrypt.isVisibleTo(card)
