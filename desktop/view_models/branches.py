"""The map of the shown chat: all of its branches as rows, and going to one of them. No widgets."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.types import Problem
from desktop.core.types.composing import ChatTree
from desktop.view_models.branch_rows import BranchRow, rows_of
from desktop.view_models.bridge import follow
from desktop.view_models.chat_path import ChatPath, path_of
from desktop.view_models.conversation import ConversationViewModel

PAUSE_MS: Final = 30  # changes come in pairs


class BranchesViewModel(QObject):
    """Asks for the tree only while somebody looks."""

    changed = Signal()  # `rows`, `messages`, `ends`
    reached = Signal(int)  # the key of a message that is to be brought into sight

    def __init__(self, core: Core, conversation: ConversationViewModel, parent: QObject) -> None:
        super().__init__(parent)
        self._core = core
        self._vm = conversation
        self._watched = False
        self._tree: ChatTree | None = None
        self._unfolded: set[int] = set()
        self.rows: tuple[BranchRow, ...] = ()
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self._ask)
        conversation.reset.connect(self._other_chat)
        for signal in (conversation.path_changed, conversation.turns_replaced, conversation.reply_ended):
            signal.connect(self._soon)
        conversation.messages.deleted_changed.connect(self._soon)

    # ── what there is ──

    @property
    def messages(self) -> int:
        return len(self._tree.nodes) if self._tree is not None else 0

    @property
    def ends(self) -> int:
        """In how many branches the chat ends."""
        if self._tree is None:
            return 0
        parents = {node.parent for node in self._tree.nodes}
        return sum(node.id not in parents for node in self._tree.nodes)

    @property
    def last_shown(self) -> int:
        """The key of the message at the end of what is shown; 0 for none."""
        return self._tree.shown[-1] if self._tree is not None and self._tree.shown else 0

    def watch(self, watched: bool) -> None:
        """Whether somebody looks."""
        self._watched = watched
        if watched:
            self._ask()

    # ── what a person does ──

    def unfold(self, parent: int) -> None:
        """Show all side branches behind a message."""
        self._unfolded.add(parent)
        self._lay_out()

    def go(self, message: int) -> None:
        """Show the branch through a message, and bring it into sight."""
        if self._vm.turn(message) is not None:
            self.reached.emit(message)
        elif not self._vm.running:

            def shown(path: ChatPath) -> None:
                self._vm.show_path(path)
                self.reached.emit(message)

            follow(
                self._core.activate(message),
                self,
                on_result=shown,
                on_error=self._vm.report,
                made=path_of,
            )

    # ── keeping up ──

    def _other_chat(self) -> None:
        self._unfolded.clear()
        self._tree = None
        self._lay_out()
        self._soon()

    def _soon(self, *_: object) -> None:
        if self._watched:
            self._pause.start()

    def _ask(self) -> None:
        chat = self._vm.chat
        if chat is None or not self._watched:
            return
        number = chat.id

        def came(tree: ChatTree) -> None:
            if self._vm.chat is not None and self._vm.chat.id == number:
                self._tree = tree
                self._lay_out()

        def failed(_: Problem) -> None:
            """A chat that is gone is told where it was."""

        follow(self._core.chat_tree(number), self, on_result=came, on_error=failed)

    def _lay_out(self) -> None:
        self.rows = rows_of(self._tree, self._unfolded) if self._tree is not None else ()
        self.changed.emit()
