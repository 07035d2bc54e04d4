"""Who follows the core hears the present state first, then what changes."""

from desktop.core.events import (
    ChatsChanged,
    CoreEvent,
    DocumentsChanged,
    EngineStatus,
    LibraryStatus,
    StorageProblem,
)
from desktop.core.statuses import Hub
from desktop.core.types import Problem


def test_a_late_listener_gets_the_present_state_and_no_history() -> None:
    hub = Hub()
    for event in (EngineStatus("loading"), EngineStatus("ready"), LibraryStatus("ready"), ChatsChanged(())):
        hub.publish(event)
    hub.publish(DocumentsChanged())
    heard: list[CoreEvent] = []
    hub.subscribe(heard.append)
    assert heard == [EngineStatus("ready"), LibraryStatus("ready"), ChatsChanged(())]


def test_a_storage_problem_holds_until_saving_works_again() -> None:
    hub = Hub()
    hub.publish(StorageProblem(Problem("disk_full")))
    during: list[CoreEvent] = []
    hub.subscribe(during.append)
    hub.publish(StorageProblem(None))
    after: list[CoreEvent] = []
    hub.subscribe(after.append)
    assert during == [StorageProblem(Problem("disk_full")), StorageProblem(None)]
    assert after == []


def test_a_listener_that_fails_does_not_keep_the_news_from_others() -> None:
    hub = Hub()
    heard: list[CoreEvent] = []

    def broken(_event: CoreEvent) -> None:
        raise RuntimeError

    hub.subscribe(broken)
    hub.subscribe(heard.append)
    hub.publish(DocumentsChanged())
    assert heard == [DocumentsChanged()]


def test_who_unsubscribes_hears_no_more_also_when_done_twice() -> None:
    hub = Hub()
    heard: list[CoreEvent] = []
    unsubscribe = hub.subscribe(heard.append)
    unsubscribe()
    unsubscribe()
    hub.publish(DocumentsChanged())
    assert heard == []
