"""Encrypts a data folder, or makes it plain, and kills itself with SIGKILL at a step that it is told.

A line on stdin: JSON [folder, key in hexadecimal, key file as text, whether to encrypt, step]; a step is
whatever touches a file, as Python's audit hooks tell. Answers "ended N", as many steps as there were, or
"ended killed".
"""

import json
import os
import signal
import sys
from pathlib import Path

import msgspec

from desktop.core.chats.store import ChatStore
from desktop.core.encryption import key_file, opening
from desktop.core.places import Places
from rag.sealing import Key

STEPS = ("open", "os.rename", "os.remove", "os.rmdir", "os.truncate", "shutil.rmtree", "sqlite3.connect")


def convert(folder: Path, key: Key, file: key_file.KeyFile, seal: bool, step: int, out: int) -> None:
    places = Places(folder / "data", folder / "models")
    places.keyring.key = None if seal else key
    store = ChatStore(places.chats_file, keyring=places.keyring)
    count = 0

    def hook(event: str, _arguments: object) -> None:
        nonlocal count
        if event in STEPS:
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    wanted = key_file.in_state(file, key, "encrypting" if seal else "decrypting")
    key_file.write(places.data, wanted)

    def work() -> None:
        places.keyring.key = key
        opening.finish(places, wanted)

    store.converted(work)
    os.write(out, str(count).encode())


def main() -> None:
    for line in sys.stdin:
        folder, secret, text, seal, step = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            file = msgspec.json.decode(text, type=key_file.KeyFile)
            try:
                convert(Path(folder), Key(bytes.fromhex(secret)), file, seal, step, writing)
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as told:
            steps = told.read().decode() or "killed"
        os.waitpid(child, 0)
        print("ended", steps, flush=True)


if __name__ == "__main__":
    main()
