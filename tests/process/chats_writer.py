"""Writes chats until it is killed: a forked child for each file on its input, which tells what it finished.

forked 4711                 the child's process
opened
finished 12 9a0364b9...    a reply that `finish` returned for: its number and its text's SHA-256
ended                       the child is gone
"""

import hashlib
import json
import os
import random
import sys
from pathlib import Path

from desktop.core.chats.store import ChatStore
from desktop.core.types import TextPart, ThoughtsPart


def main() -> None:
    for line in sys.stdin:
        file, seed = json.loads(line)
        child = os.fork()
        if not child:
            try:
                tell("forked", os.getpid())
                write(Path(file), random.Random(seed))
            finally:
                os._exit(1)  # only a kill ends it
        os.waitpid(child, 0)
        tell("ended")


def tell(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def write(path: Path, dice: random.Random) -> None:
    store = ChatStore(path)
    tell("opened")
    while True:
        chats = [info.id for info in store.list_chats()]
        chat = dice.choice(chats) if chats and dice.random() < 0.8 else store.create_chat().info.id
        reply = turn(store, chat, dice)
        tell("finished", reply, hashlib.sha256(store.message(reply).text.encode()).hexdigest())
        match dice.randrange(12):
            case 0:
                messages = store.chat(chat).messages
                store.edit(messages[0].id, "Another question " * 20)
            case 1:
                made = store.branch(store.chat(chat).messages[-1].id)
                store.erase([made.info.id])
            case 2:
                unwanted = turn(store, chat, dice)
                store.delete_message(unwanted)
            case 3:
                store.copy.make()
            case 4:
                store.purge()


def turn(store: ChatStore, chat: int, dice: random.Random) -> int:
    _, reply = store.add_turn(chat, [TextPart(f"Question {dice.random()} " * 10)], "tiny")
    text = ""
    for piece in range(dice.randrange(1, 5)):
        text += f"Piece {piece} of reply {reply.id} " * dice.randrange(1, 120)
        store.save_text(reply.id, text, ThoughtsPart("Hm.", 0.1))
    store.finish(reply.id, text, "complete")
    return reply.id


if __name__ == "__main__":
    main()
