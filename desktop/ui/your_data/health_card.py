"""The card that says whether everything is in order, and what could be passed on. Paints and forwards."""

from PySide6.QtGui import QGuiApplication, QTextOption
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.core.types.health import AREAS, Finding, Health
from desktop.i18n import _
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import appearance, code_font, set_kind, space, type_size
from desktop.ui.your_data import texts
from desktop.ui.your_data.cards import Card
from desktop.ui.your_data.exporting import ask_where
from desktop.view_models.health import HealthViewModel
from desktop.words.health import area_label, finding_remedy, finding_sentence, verdict

_PREVIEW_LINES = 14


class HealthCard(Card):
    """Nothing is looked at before a button is pressed; nothing leaves this computer."""

    def __init__(self, health: HealthViewModel) -> None:
        self._health = health
        self.check = text_button(_("Check"), "", health.check)
        self.repair = text_button(_("Repair"), "primary", lambda: health.check(repair=True))
        self.diagnostics = text_button(_("Diagnostics…"), "", health.gather)
        self.copy = text_button(_("Copy"), "", self._copy)
        self.save = text_button(_("Save…"), "", self._ask_where)
        self.close_ = text_button(_("Close"), "", health.dismiss)
        super().__init__(
            _("Is everything in order?"),
            _(
                "Looks at the program, devices, models, chats, documents and rights. The diagnostics are "
                "texts for somebody who helps you: read them first. Nothing you wrote is in them, and "
                "nothing is sent."
            ),
            self.repair,
            self.check,
            self.diagnostics,
            self.copy,
            self.save,
            self.close_,
        )
        self.said = label("", wrap=True)
        self.found = QWidget()
        self._lines = QVBoxLayout(self.found)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(space.xs)
        self.preview = QPlainTextEdit()
        self.preview.setReadOnly(True)
        self.preview.setTabChangesFocus(True)
        self.preview.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.preview.setAccessibleName(_("Diagnostics"))
        for place, widget in enumerate((self.said, self.found, self.preview)):
            self.column.insertWidget(2 + place, widget)
        self._shown: Health | None = None
        health.changed.connect(self.refresh)
        look = appearance()
        if look is not None:
            look.changed.connect(self._dress)
        self._dress()
        self.refresh()

    def refresh(self) -> None:
        health = self._health
        running, found, papers = health.running, health.health, health.papers
        for button in (self.check, self.repair, self.diagnostics, self.save):
            button.setEnabled(not running)
        self.repair.setVisible(found is not None and found.repairable)
        self.copy.setVisible(bool(papers))
        self.save.setVisible(bool(papers))
        self.close_.setVisible(not running and bool(found or papers or health.problem))
        said = self._sentence()
        self.said.setText(said)
        self.said.setVisible(bool(said))
        set_kind(self.said, "danger" if health.problem is not None else "")
        self.found.setVisible(found is not None)
        if found is not None and found is not self._shown:
            self._show(found)
        self._shown = found
        self.preview.setVisible(bool(papers))
        text = "\n".join(f"── {paper.name} ──\n{paper.text}" for paper in papers)
        if text != self.preview.toPlainText():
            self.preview.setPlainText(text)

    def _sentence(self) -> str:
        health = self._health
        if health.running:
            area = area_label(health.area) if health.area is not None else ""
            return _("Looking at: {area}…").format(area=area) if area else _("One moment…")
        if health.problem is not None:
            return texts.problem(health.problem)
        if health.saved:
            return _("Saved as {path}").format(path=health.saved)
        return verdict(health.health) if health.health is not None else ""

    def _show(self, health: Health) -> None:
        """By area; what is not in order stands first, and in its own colour."""
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        in_order = sorted(health.findings, key=lambda one: (one.level == "fine", AREAS.index(one.area)))
        for finding in in_order:
            self._lines.addWidget(_line(finding))
            if remedy := finding_remedy(finding):
                self._lines.addWidget(label(remedy, "caption", wrap=True))
                self._lines.addSpacing(space.xs)

    def _dress(self) -> None:
        font = code_font(type_size.small)
        self.preview.document().setDefaultFont(font)
        self.preview.setFixedHeight(_PREVIEW_LINES * self.preview.fontMetrics().lineSpacing() + 2 * space.m)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.preview.toPlainText())

    def _ask_where(self) -> None:
        ask_where(self, _("Save the diagnostics"), "sobremesa-diagnostics.zip", self._health.save)


def _line(finding: Finding) -> QLabel:
    said = _("{area}: {finding}").format(area=area_label(finding.area), finding=finding_sentence(finding))
    mended = finding.state == "repaired"
    kind = {"fine": "muted", "notice": "", "trouble": "danger"}[finding.level] if not mended else ""
    return label(said, kind, wrap=True)
