"""Asks the person for a name. Never stops the window."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QLineEdit, QWidget

from desktop.i18n import _


def ask_for_name(
    parent: QWidget, title: str, words: str, agree: str, chosen: Callable[[str], object], name: str = ""
) -> QInputDialog:
    """Open a dialog with a field, and hand over what stands in it; nothing when it is cancelled.

    `words`: what the field is for. `agree`: of the button. `name`: what stands there at first.
    """
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setAccessibleName(title)
    dialog.setLabelText(words)
    dialog.setTextEchoMode(QLineEdit.EchoMode.Normal)
    dialog.setTextValue(name)
    dialog.setOkButtonText(agree)
    dialog.setCancelButtonText(_("Cancel"))
    field = dialog.findChild(QLineEdit)
    if field is not None:
        field.setAccessibleName(words)
        field.selectAll()
    dialog.textValueSelected.connect(chosen)
    dialog.open()
    return dialog
