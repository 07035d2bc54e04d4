"""Open a file of chats, which brings it up to date: `python -m tests.bench._faults_update FILE`."""

import sys
from pathlib import Path

from desktop.core.chats.store import ChatStore

if __name__ == "__main__":
    print("opening", flush=True)
    ChatStore(Path(sys.argv[1])).close()
