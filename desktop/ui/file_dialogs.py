"""Asks the person for files. Never stops the window, and starts where a person keeps things."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QDir, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

Mode = QFileDialog.FileMode


def ask_for_files(
    parent: QWidget,
    title: str,
    chosen: Callable[[list[str]], object],
    mode: QFileDialog.FileMode = Mode.ExistingFile,
    filters: Sequence[str] = (),
) -> QFileDialog:
    """Open a dialog and hand over the paths that were chosen; nothing when it is cancelled."""
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(mode)
    if mode == Mode.Directory:
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    if filters:
        dialog.setNameFilters(filters)
        # a list of all the suffixes would be wider than the screen
        dialog.setOption(QFileDialog.Option.HideNameFilterDetails)
    # Qt remembers where the last dialog ended; the first one of a program has nothing to go by
    if dialog.directory() == QDir.current():
        dialog.setDirectory(_at_home())
    dialog.filesSelected.connect(chosen)
    dialog.open()
    return dialog


def ask_where(
    parent: QWidget,
    title: str,
    name: str,
    chosen: Callable[[str], object],
    filters: Sequence[str] = (),
) -> QFileDialog:
    """Ask where a file is to be written, and hand over its path; nothing when it is cancelled."""
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(Mode.AnyFile)
    if filters:
        dialog.setNameFilters(filters)
    if dialog.directory() == QDir.current():
        dialog.setDirectory(_at_home())
    dialog.selectFile(name.replace("/", "-").replace("\\", "-"))
    dialog.fileSelected.connect(chosen)
    dialog.open()
    return dialog


def _at_home() -> str:
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return documents if documents and QDir(documents).exists() else QDir.homePath()
