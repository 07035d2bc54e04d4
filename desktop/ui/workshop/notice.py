"""What went wrong in the workshop, where it happened."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.models.parts import flowing
from desktop.ui.pieces import icon_button
from desktop.ui.theme import set_kind, space
from desktop.view_models.workshop.shop import WorkshopViewModel
from desktop.words import hint, sentence


class Notice(QWidget):
    """A line above the page that can be dismissed."""

    def __init__(self, shop: WorkshopViewModel) -> None:
        super().__init__()
        self._shop = shop
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        set_kind(self, "card")
        row = QHBoxLayout(self)
        row.setContentsMargins(space.l, space.s, space.s, space.s)
        self.said = flowing("", "danger")
        row.addWidget(self.said, 1)
        row.addWidget(icon_button("close", _("Dismiss"), shop.forget_problem))
        shop.problem_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        problem = self._shop.problem
        self.setVisible(problem is not None)
        if problem is not None:
            self.said.setText(f"{sentence(problem)} {hint(problem)}")
