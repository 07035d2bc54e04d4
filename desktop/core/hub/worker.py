"""The process that talks to the hub: lists, looks at headers, brings files. Nothing else of the program does.

    python -m desktop.core.hub.worker --channel N --address URL

One request at a time; a thread hears what comes meanwhile, so that a cancel is obeyed between two pieces. It
leaves with its parent: what came by then lies on the disk.
"""

import argparse
import logging
import os
import sys
import threading
from pathlib import Path
from queue import SimpleQueue

from desktop.core.errors import Cancelled, CoreError, Unexpected
from desktop.core.hub.addresses import host_of
from desktop.core.hub.fetching import TRIES, Fetch
from desktop.core.hub.looking import header_of
from desktop.core.hub.protocol import (
    PROTOCOL,
    Cancel,
    Failed,
    Fetched,
    Fetching,
    FetchPart,
    HeaderRead,
    HubEvent,
    HubEventFrame,
    HubRequestFrame,
    Listed,
    ListFiles,
    ReadHeader,
    Ready,
    Shutdown,
)
from desktop.core.hub.remote import ANSWER_S, Remote, Transient
from rag.frames import Frames
from rag.process import end_with_any_thread, open_channel
from rag.quiet_logs import log_to_stderr

MOST_MEMORY_BYTES = 1 << 30  # a list that is longer than this is no list
LIST_WAITS_S = (1.0, 2.0)  # before the second and the third try; a list is waited for

log = logging.getLogger(__name__)

HubFrames = Frames[HubRequestFrame, HubEventFrame]
Work = ListFiles | ReadHeader | FetchPart


class HubWorker:
    """Serves one pipe."""

    def __init__(self, frames: HubFrames, remote: Remote, tries: int = TRIES) -> None:
        self._frames = frames
        self._remote = remote
        self._tries = tries
        self._requests: SimpleQueue[tuple[int, Work] | None] = SimpleQueue()
        self._cancelled: dict[int, threading.Event] = {}

    def run(self) -> None:
        """Until told to leave. Raises EOFError when an event cannot be sent."""
        threading.Thread(target=self._hear, name="hear", daemon=True).start()
        while (waiting := self._requests.get()) is not None:
            number, body = waiting
            self._frames.send(HubEventFrame(number, self._served(number, body)))
            del self._cancelled[number]

    def _hear(self) -> None:
        while True:
            try:
                frame = self._frames.receive()
            except EOFError:
                os._exit(0)  # the parent is gone, and nobody else would end a request that waits for the hub
            match frame.body:
                case Cancel(target):
                    if target in self._cancelled:
                        self._cancelled[target].set()
                case Shutdown():
                    for event in list(self._cancelled.values()):
                        event.set()
                    self._requests.put(None)
                case body:
                    self._cancelled[frame.id] = threading.Event()
                    self._requests.put((frame.id, body))

    def _served(self, number: int, body: Work) -> HubEvent:
        try:
            return self._answer(number, body, self._cancelled[number])
        except Transient as broken:
            return Failed(broken.error.problem())
        except CoreError as error:
            return Failed(error.problem())
        except EOFError:
            raise
        except Exception as error:
            log.exception("could not serve a request")
            return Failed(Unexpected(repr(error)).problem())

    def _answer(self, number: int, body: Work, cancelled: threading.Event) -> HubEvent:
        match body:
            case ListFiles():
                return self._listed(body, cancelled)
            case ReadHeader(file):
                return HeaderRead(header_of(self._remote, file, cancelled.wait))
            case FetchPart(file, path):

                def tell(event: Fetching) -> None:
                    self._frames.send(HubEventFrame(number, event))

                fetch = Fetch(self._remote, file, Path(path), tell, cancelled.wait, self._tries)
                return Fetched(fetch.run())

    def _listed(self, asked: ListFiles, cancelled: threading.Event) -> Listed:
        for wait_s in LIST_WAITS_S:
            try:
                return self._remote.files(asked.repository, asked.revision, folder=asked.folder)
            except Transient as broken:
                # nobody there: a person wants to know that now
                if not broken.reached or broken.wait_s > wait_s:
                    raise
            if cancelled.wait(wait_s):
                raise Cancelled
        return self._remote.files(asked.repository, asked.revision, folder=asked.folder)


def limit_memory() -> None:
    """Let allocations fail rather than fill the machine. Windows keeps no such limit here."""
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MOST_MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MOST_MEMORY_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--channel", type=int, required=True)
    parser.add_argument("--address", required=True)
    parser.add_argument("--tries", type=int, default=TRIES)
    parser.add_argument("--answer-s", type=float, default=ANSWER_S)
    options = parser.parse_args()
    log_to_stderr(logging.WARNING)
    end_with_any_thread()
    limit_memory()
    frames: HubFrames = Frames(open_channel(options.channel), HubRequestFrame)
    try:
        remote = Remote(options.address, host_of(options.address), options.answer_s)
        frames.send(HubEventFrame(0, Ready(PROTOCOL, os.getpid())))
        HubWorker(frames, remote, options.tries).run()
    except EOFError:
        pass  # the parent is gone
    return 0


if __name__ == "__main__":
    sys.exit(main())
