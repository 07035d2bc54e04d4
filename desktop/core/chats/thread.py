"""The one thread that owns the chats' database, and ways to have something done on it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from desktop.core.chats.store import ChatStore
from desktop.core.errors import Cancelled
from desktop.core.operations import Operation, carry_out

R = TypeVar("R")


class StoreThread:
    """Work is done in the order it was handed over. Never wait for it from a callback on this thread."""

    def __init__(self, open_store: Callable[[], ChatStore]) -> None:
        """Opens the store on its thread. Raises what opening it raises."""
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="chats")
        try:
            self._store = self._executor.submit(open_store).result()
        except BaseException:
            self._executor.shutdown(wait=False)
            raise

    def submit(self, work: Callable[[ChatStore], R]) -> "Future[R]":
        """The future ends in Cancelled when the store is closed already."""
        try:
            return self._executor.submit(work, self._store)
        except RuntimeError:
            closed: Future[R] = Future()
            closed.set_exception(Cancelled())
            return closed

    def call(self, work: Callable[[ChatStore], R]) -> R:
        """Have it done and wait. Raises what the work raises."""
        return self.submit(work).result()

    def operation(self, work: Callable[[ChatStore], R], name: str) -> Operation[R]:
        """The same for a person's action: returns at once."""
        operation: Operation[R] = Operation()
        try:
            self._executor.submit(carry_out, operation, lambda _operation: work(self._store), name)
        except RuntimeError:
            operation.fail(Cancelled())
        return operation

    def close(self) -> None:
        """Finish what was handed over, close the store, end the thread. Raises what closing raises."""
        try:
            self._executor.submit(self._store.close).result()
        finally:
            self._executor.shutdown(wait=True)
