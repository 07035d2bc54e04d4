"""Which collection is shown, a new one by name, and the switch for the present chat."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from desktop.i18n import _
from desktop.ui.documents import texts
from desktop.ui.documents.switch import Switch
from desktop.ui.pieces import icon_button
from desktop.ui.theme import grow, icon, space
from desktop.view_models.documents import DocumentsViewModel


class CollectionChooser(QWidget):
    """The collections as a list to choose from, and as a field while a new one is being named."""

    def __init__(self, view_model: DocumentsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self.combo = QComboBox(self)
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        grow(self.combo, icon=16)
        self.combo.activated.connect(self._chosen)
        self.field = _NameField(self)
        self.field.accepted.connect(self._named)
        self.field.given_up.connect(self._stop_naming)
        self.new_button = icon_button("plus", "", self.start_naming)
        self.switch = Switch(parent=self)
        self.switch.toggled.connect(self._switched)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.combo)
        self._stack.addWidget(self.field)
        top = QHBoxLayout()
        top.setSpacing(space.xs)
        top.addLayout(self._stack, 1)
        top.addWidget(self.new_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(space.s)
        box.addLayout(top)
        box.addWidget(self.switch)
        view_model.collections_changed.connect(self._show_collections)
        view_model.switches_changed.connect(self._show_collections)
        self.retranslate()

    def retranslate(self) -> None:
        self.combo.setAccessibleName(_("Collection"))
        self.field.setPlaceholderText(_("Name of the new collection"))
        self.field.setAccessibleName(_("Name of the new collection"))
        self.new_button.setToolTip(_("New collection"))
        self.new_button.setAccessibleName(_("New collection"))
        self.switch.setText(_("Use in this chat"))
        self._show_collections()

    def _show_collections(self) -> None:
        model = self._view_model
        self.combo.blockSignals(True)
        self.combo.clear()
        for info in model.collections:
            sign = icon("check", "sage") if info.name in model.used else icon("folder")
            self.combo.addItem(sign, texts.collection_label(info), info.name)
        self.combo.setCurrentIndex(max(0, self.combo.findData(model.current)))
        self.combo.blockSignals(False)
        self.switch.blockSignals(True)
        self.switch.setChecked(model.current in model.used)
        self.switch.blockSignals(False)

    def _chosen(self, index: int) -> None:
        self._view_model.choose(str(self.combo.itemData(index)))

    def _switched(self, on: bool) -> None:
        self._view_model.set_used(self._view_model.current, on)

    # ── a new collection ──

    def start_naming(self) -> None:
        self.field.clear()
        self._stack.setCurrentWidget(self.field)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _named(self, name: str) -> None:
        self._view_model.create_collection(name)
        self._stop_naming()

    def _stop_naming(self) -> None:
        had_focus = self.field.hasFocus()
        self._stack.setCurrentWidget(self.combo)
        if had_focus:
            self.combo.setFocus(Qt.FocusReason.OtherFocusReason)


class _NameField(QLineEdit):
    """Enter takes the name, Escape gives up."""

    accepted = Signal(str)
    given_up = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.returnPressed.connect(self._accept)

    def _accept(self) -> None:
        if self.text().strip():
            self.accepted.emit(self.text())
        else:
            self.given_up.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)
