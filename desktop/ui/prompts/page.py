"""The library's page, in the place of the conversation: the list, and beside it the prompt that is open."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.core.types import Problem
from desktop.i18n import _, ngettext, number
from desktop.ui.asked_name import ask_for_name
from desktop.ui.file_dialogs import Mode, ask_for_files, ask_where
from desktop.ui.pieces import Balanced, icon_button, label, line, put_icon, text_button
from desktop.ui.prompts.editor import PromptEditor
from desktop.ui.prompts.prompt_list import PromptList
from desktop.ui.theme import grow, grown, layout, set_kind, space
from desktop.ui.yielding import Scrolling
from desktop.view_models.session import Session
from desktop.words import hint, sentence

LIST_PX = 230
BOTH_FIT_PX = 620  # narrower: the list or the prompt
SAYING_PX = 320
SAID_MS = 10_000


class PromptsPage(QWidget):
    """`closed` asks for the conversation back."""

    closed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._library = session.prompt_library
        self._session = session
        self.setAccessibleName(_("Prompts"))
        self._build()
        library = self._library
        self.list.chosen.connect(self._open)
        self.list.left.connect(self.closed)
        self.editor.use_wanted.connect(self._use)
        self.editor.export_wanted.connect(lambda: self._ask_where(only_current=True))
        library.opened.connect(self._arrange)
        library.listed.connect(self._mark)
        library.deleted_changed.connect(self._show_undo)
        library.failed.connect(self._tell_problem)
        library.done.connect(self._tell_done)
        self._show_undo()
        self._arrange()
        library.refresh()

    # ── building ──

    def _build(self) -> None:
        self.list = PromptList(self._library, following=True)
        grow(self.list, width=LIST_PX)
        self._left = QWidget()
        left = QVBoxLayout(self._left)
        left.setContentsMargins(space.l, 0, space.s, space.m)
        left.addWidget(self.list, 1)
        self.editor = PromptEditor(self._library)
        grow(self.editor, most_width=layout.conversation_px)
        self._scroll = Scrolling(self.editor)
        self._empty = self._nothing_open()
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self._left)
        self._border = line("line_v")
        body.addWidget(self._border)
        body.addWidget(self._scroll, 1)
        body.addWidget(self._empty, 1)
        self.said = label("", "muted", wrap=True)
        self.said.setContentsMargins(space.l, space.s, space.l, space.s)
        self.said.hide()
        self._silence = QTimer(self, interval=SAID_MS, singleShot=True)
        self._silence.timeout.connect(self.said.hide)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addLayout(body, 1)
        column.addWidget(self.said)
        column.addWidget(self._undo_bar())

    def _head(self) -> QHBoxLayout:
        self.back = icon_button("chevron_left", _("Back to the chat"), self._back)
        self.add = text_button(_("New prompt"), "", self._new)
        put_icon(self.add, "plus", "muted")
        self.more = icon_button("more", _("More"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        menu.aboutToShow.connect(lambda: self._fill_menu(menu))
        self.more.setMenu(menu)
        head = QHBoxLayout()
        head.setContentsMargins(space.l, space.s, space.l, space.m)
        head.setSpacing(space.s)
        head.addWidget(self.back)
        head.addWidget(label(_("Prompts"), "heading"))
        head.addStretch(1)
        head.addWidget(self.add)
        head.addWidget(self.more)
        return head

    def _nothing_open(self) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(space.xl, space.xl, space.xl, space.xl)
        column.addStretch(1)
        words = _("A system prompt tells the model how it should answer. Choose one, or write your own.")
        said = Balanced(words, "muted")
        grow(said, most_width=SAYING_PX)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(said, 4)
        across.addStretch(1)
        column.addLayout(across)
        column.addStretch(2)
        return made

    def _undo_bar(self) -> QWidget:
        self.undo_bar = QWidget()
        self.undo_bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        set_kind(self.undo_bar, "card")
        row = QHBoxLayout(self.undo_bar)
        row.setContentsMargins(space.m, space.xs, space.xs, space.xs)
        row.addWidget(label(_("Prompt deleted")), 1)
        self.undo = text_button(_("Undo"), "link", self._library.undo_delete)
        row.addWidget(self.undo)
        row.addWidget(icon_button("close", _("Dismiss"), self._library.forget_deleted))
        return self.undo_bar

    def _fill_menu(self, menu: QMenu) -> None:
        menu.clear()
        menu.addAction(_("Import…")).triggered.connect(lambda: self.ask_for_file())
        menu.addAction(_("Export all of yours…")).triggered.connect(lambda: self._ask_where())
        current = self._library.current
        if current is not None and current.own and current.folder:
            menu.addAction(_("Rename the folder “{name}”…").format(name=current.folder)).triggered.connect(
                lambda: self._ask_for_folder(current.folder)
            )
        menu.addSeparator()
        hidden = menu.addAction(_("Also show hidden prompts"))
        hidden.setCheckable(True)
        hidden.setChecked(self._library.hidden)
        hidden.toggled.connect(self._library.show_hidden)

    # ── what a person does ──

    def focus_first(self) -> None:
        self.list.focus_search()

    def ask_for_file(self) -> None:
        kinds = [_("Prompts") + " (*.json *.md *.txt)"]
        ask_for_files(self, _("Import prompts"), self._import, Mode.ExistingFiles, kinds)

    def _import(self, paths: list[str]) -> None:
        for path in paths:
            self._library.import_file(path)

    def _ask_for_folder(self, folder: str) -> None:
        words = _("Its new name; empty takes the prompts out of it")
        rename = self._library.rename_folder
        ask_for_name(self, _("Rename the folder"), words, _("Rename"), rename, folder)

    def _ask_where(self, *, only_current: bool = False) -> None:
        current = self._library.current
        name = current.name if only_current and current is not None else _("prompts")
        kinds = [_("Prompts") + " (*.json)"]
        if only_current:
            kinds.append(_("Text alone") + " (*.md *.txt)")
        ask_where(
            self,
            _("Export prompts"),
            f"{name}.json",
            lambda path: self._library.export(path, only_current=only_current),
            kinds,
        )

    def _new(self) -> None:
        self._library.new()
        self.editor.focus_name()

    def _open(self, key: str) -> None:
        if self._library.current is None or self._library.current.key != key:
            self._library.open(key)

    def _use(self, key: str) -> None:
        self._session.use_prompt(key)
        self.closed.emit()

    def _back(self) -> None:
        """From a prompt to the list where only one of them fits; else to the chat."""
        if not self._both_fit and self._library.current is not None:
            self._library.leave()
            self.list.focus_search()
        else:
            self.closed.emit()

    # ── what is shown ──

    @property
    def _both_fit(self) -> bool:
        return self.width() >= grown(BOTH_FIT_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        is_open = self._library.current is not None
        self._left.setVisible(self._both_fit or not is_open)
        self._border.setVisible(self._both_fit)
        self._scroll.setVisible(is_open)
        self._empty.setVisible(not is_open and self._both_fit)
        self._mark()

    def _mark(self) -> None:
        current = self._library.current
        self.list.show_current(current.key if current is not None else "")

    def _show_undo(self) -> None:
        self.undo_bar.setVisible(self._library.deleted is not None)

    def _tell_problem(self, problem: Problem) -> None:
        self._tell(f"{sentence(problem)} {hint(problem)}", "danger")

    def _tell_done(self, what: str, count: int) -> None:
        words = {
            "imported": ngettext("{count} prompt was added.", "{count} prompts were added.", count),
            "present": ngettext(
                "{count} prompt was there already.", "{count} prompts were there already.", count
            ),
            "exported": ngettext("{count} prompt was exported.", "{count} prompts were exported.", count),
        }
        self._tell(words[what].format(count=number(count)), "muted")

    def _tell(self, words: str, kind: str) -> None:
        set_kind(self.said, kind)
        self.said.setText(words)
        self.said.show()
        self._silence.start()
