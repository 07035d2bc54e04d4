"""The steps of the first run: language, model, documents with a first question. Each asks one thing."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.i18n import _, language, ngettext, number, size
from desktop.ui.file_dialogs import Mode, ask_for_files
from desktop.ui.flowing_buttons import FlowingButton, FlowingRadio
from desktop.ui.pieces import clear_layout, label, text_button
from desktop.ui.theme import space
from desktop.ui.welcome.offer import ModelOffer
from desktop.view_models.models import title
from desktop.view_models.session import Session
from rag.reading import SUFFIXES

MOST_LISTED = 3


class Part(QWidget):
    """What a step asks. `changed`: whether one can go on may be another; `done`: the introduction is over."""

    changed = Signal()
    done = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, space.s, 0, 0)
        self.column.setSpacing(space.s)

    def says(self) -> tuple[str, str]:
        """Title and words."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Something may be another than before."""

    def can_go_on(self) -> bool:
        return True

    def on_words(self) -> str:
        return _("Continue")

    def take(self) -> None:
        """The person goes on: what is chosen counts."""

    def first(self) -> QWidget | None:
        """What the keys go to."""
        return None


class LanguageStep(Part):
    """Each language is written in itself, and counts as soon as it is chosen."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._group = QButtonGroup(self)
        self.choices: dict[str, QRadioButton] = {}
        for code, name in (("en", "English"), ("es", "Español")):
            button = QRadioButton(name)
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            button.setChecked(language() == code)
            button.clicked.connect(lambda _checked=False, code=code: session.settings.set("language", code))
            self._group.addButton(button)
            self.choices[code] = button
            self.column.addWidget(button)

    def says(self) -> tuple[str, str]:
        return _("Welcome to Sobremesa"), _(
            "You talk with a language model that runs on this computer. Nothing you write leaves it."
        )

    def first(self) -> QWidget:
        return self.choices[language()]


class ModelStep(Part):
    """The models that are here, a file of one's own, or one from the hub."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._group = QButtonGroup(self)
        self._chosen = ""
        self._paths: tuple[str, ...] = ()
        self.choices: dict[str, QRadioButton] = {}
        self._rows = QWidget()
        self._list = QVBoxLayout(self._rows)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(space.xs)
        self.none = label(_("There is no model on this computer yet."), wrap=True)
        self.file = text_button(_("Choose a file of your own…"), "", self._ask_for_file)
        self.offer = ModelOffer(session)
        self.offer.arrived.connect(self._choose)
        for widget in (self.none, self._rows, self.file, self.offer):
            self.column.addWidget(widget)
        self.column.setAlignment(self.file, Qt.AlignmentFlag.AlignLeft)
        session.models.models_changed.connect(self._listed)
        session.models.changed.connect(self._listed)
        self._listed()

    def says(self) -> tuple[str, str]:
        return _("Choose a model"), _(
            "A model is one file. Larger ones answer better and slower. You can change it at any time."
        )

    def first(self) -> QWidget:
        return self.choices.get(self._chosen, self.file)

    def can_go_on(self) -> bool:
        return bool(self._chosen)

    def refresh(self) -> None:
        self.offer.refresh()

    def take(self) -> None:
        models = self.session.models
        loading = models.state == "loading" and models.chosen_path == self._chosen
        if self._chosen and not loading and (models.loaded is None or models.loaded.path != self._chosen):
            models.load(self._chosen)  # while the next step is read: the first answer comes sooner

    def _listed(self) -> None:
        models = self.session.models
        usable = [one for one in models.at_hand(MOST_LISTED) if one.problem is None]
        if self._chosen not in [one.path for one in usable]:
            default = models.default
            self._chosen = default.path if default is not None else (usable[0].path if usable else "")
        paths = tuple(one.path for one in usable)
        if paths != self._paths:
            self._paths = paths
            clear_layout(self._rows)
            self.choices = {}
            for model in usable:
                button = FlowingRadio(f"{title(model)} · {size(model.size_bytes)}")
                button.setToolTip(model.path)
                button.clicked.connect(lambda _checked=False, path=model.path: self._choose(path))
                self._group.addButton(button)
                self.choices[model.path] = button
                self._list.addWidget(button)
        for path, choice in self.choices.items():
            choice.setChecked(path == self._chosen)
        self.none.setText(
            _("Looking for models") if models.listing else _("There is no model on this computer yet.")
        )
        self.none.setVisible(not usable)
        self.changed.emit()

    def _choose(self, path: str) -> None:
        self._chosen = path
        if path not in self.choices:
            self.session.models.load(path)
        self._listed()

    def _ask_for_file(self) -> None:
        kinds = [_("Models") + " (*.gguf)", _("All files") + " (*)"]
        ask_for_files(self.window(), _("Choose a model"), lambda paths: self._choose(paths[0]), filters=kinds)


class DocumentsStep(Part):
    """Documents may wait; the first question may not."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.add = text_button(_("Add documents…"), "", self._ask_for_documents)
        self.added = label("", "sage", wrap=True)
        self.ask = label(_("Then ask something. For example:"), wrap=True)
        self.column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.added)
        self.column.addSpacing(space.m)
        self.column.addWidget(self.ask)
        self.questions = [FlowingButton(question) for question in self._questions()]
        for button in self.questions:
            button.clicked.connect(partial(self._begin, button.words))
            self.column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.refresh()

    def _questions(self) -> tuple[str, ...]:
        return (
            _("What can you help me with?"),
            _("Tell me in three sentences why bread rises."),
            _("Write a note to a new neighbour."),
        )

    def says(self) -> tuple[str, str]:
        return _("Your documents, if you like"), _(
            "Sobremesa can answer from your PDFs and tell the page. You can add them later too."
        )

    def on_words(self) -> str:
        return _("To an empty chat")

    def first(self) -> QWidget:
        return self.questions[0] if self.session.models.chosen_path else self.add

    def refresh(self) -> None:
        count = self.session.welcome.added
        said = ngettext(
            "{count} file is being read. You can ask meanwhile.",
            "{count} files are being read. You can ask meanwhile.",
            count,
        )
        self.added.setText(said.format(count=number(count)) if count else "")
        self.added.setVisible(bool(count))
        models = self.session.models
        answers = bool(models.chosen_path or models.default)
        for widget in (self.ask, *self.questions):
            widget.setVisible(answers)

    def _begin(self, question: str, _checked: bool = False) -> None:
        self.done.emit()
        self.session.conversation.send(question)

    def _ask_for_documents(self) -> None:
        kinds = [_("Documents") + " (" + " ".join(f"*{one}" for one in sorted(SUFFIXES)) + ")"]
        ask_for_files(self.window(), _("Add documents"), self._take, Mode.ExistingFiles, filters=kinds)

    def _take(self, paths: list[str]) -> None:
        self.session.add_documents(paths)
        self.session.welcome.count(len(paths))
