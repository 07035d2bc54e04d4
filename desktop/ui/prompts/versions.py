"""The versions of the prompt that is open: compared with what stands in the editor, and restored."""

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from desktop.i18n import _, date_and_time, number
from desktop.ui.pieces import label, text_button
from desktop.ui.prompts.differences import Differences
from desktop.ui.theme import space
from desktop.view_models.prompt_library import PromptLibraryViewModel

DIFFERENCES_PX = 220


class Versions(QWidget):
    """Hidden while there is nothing to compare with."""

    def __init__(self, library: PromptLibraryViewModel) -> None:
        super().__init__()
        self._library = library
        column = QVBoxLayout(self)
        column.setContentsMargins(0, space.s, 0, 0)
        column.setSpacing(space.s)
        column.addWidget(label(_("Versions"), "section"))
        row = QHBoxLayout()
        row.setSpacing(space.s)
        self.choice = QComboBox()
        self.choice.setAccessibleName(_("Compare with a version"))
        self.choice.activated.connect(self._compare)
        self.restore = text_button(_("Restore"), "", library.restore)
        row.addWidget(self.choice, 1)
        row.addWidget(self.restore)
        column.addLayout(row)
        self.differences = Differences()
        self.differences.setFixedHeight(DIFFERENCES_PX)
        column.addWidget(self.differences)
        library.versions_changed.connect(self.refresh)
        library.state_changed.connect(self._again)
        self.refresh()

    def refresh(self) -> None:
        """Other versions, or another comparison."""
        library = self._library
        own = library.editable and bool(library.versions)
        self.setVisible(own)
        if not own:
            return
        self.choice.blockSignals(True)
        self.choice.clear()
        self.choice.addItem(_("Compare with a version"), 0)
        for version in library.versions:
            words = _("Version {number}, {when}")
            when = date_and_time(version.saved_at)
            self.choice.addItem(words.format(number=number(version.number), when=when), version.number)
        self.choice.setCurrentIndex(max(0, self.choice.findData(library.compared)))
        self.choice.blockSignals(False)
        chosen = bool(library.compared)
        newest = library.compared == library.versions[0].number
        self.restore.setVisible(chosen and not newest)
        self.differences.setVisible(chosen)
        if chosen:
            self.differences.show_changes(library.changes)

    def _compare(self, index: int) -> None:
        self._library.compare(int(self.choice.itemData(index)))

    def _again(self) -> None:
        """What stands in the editor is another text now."""
        if self._library.compared:
            self._library.compare(self._library.compared)
