"""Scenes of what stands around every view: command palette, shortcuts, settings, sizes of text."""

from PySide6.QtWidgets import QLineEdit

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
