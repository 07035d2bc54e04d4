"""Writes chats until it is killed: a forked child for each file on its input, which tells what it finished.

forked 4711                 the child's process
opened
finished 12 9a0364b9...    a message that is there for good: its number and its text's SHA-256
deleting 12 13 14           these are about to go, all of them or none
gone 12 13 14               they went
back 12 13 14               they went, and that was undone
moving 3                    this chat is about to change its place: its folder, or the trash
moved 3 2 0                 it is in this folder (0: in none), and in the trash (1) or not
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


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def write(path: Path, dice: random.Random) -> None:
    store = ChatStore(path)
    tell("opened")
    while True:
        chats = [info.id for info in store.list_chats()]
        chat = dice.choice(chats) if chats and dice.random() < 0.8 else store.create_chat().info.id
        reply = turn(store, chat, dice)
        tell("finished", reply, digest(store.message(reply).text))
        match dice.randrange(16):
            case 0 | 1:
                edit(store, chat, dice)
            case 2:
                made = store.branch(store.chat(chat).messages[-1].id)
                store.erase([made.info.id])
            case 3 | 4 | 5:
                delete(store, chat, dice)
            case 6 | 7:
                move(store, chat, dice)
            case 8:
                store.copy.make()
            case 9:
                store.purge()


def edit(store: ChatStore, chat: int, dice: random.Random) -> None:
    """Of either side; what follows is copied."""
    path = store.chat(chat).messages
    at = dice.randrange(len(path))
    shown = store.edit(path[at].id, f"In other words {dice.random()} " * 20).messages
    for message in (one for one in shown[at:] if one.state == "complete"):
        tell("finished", message.id, digest(message.text))


def delete(store: ChatStore, chat: int, dice: random.Random) -> None:
    """With all that follows, in every branch; half of them come back."""
    chosen = dice.choice(store.chat(chat).messages).id
    going = {chosen}
    for message in store.tree(chat):  # parents come first
        if message.parent in going:
            going.add(message.id)
    tell("deleting", *going)
    store.delete_message(chosen)
    if dice.random() < 0.5:
        store.restore_message(chosen)
        tell("back", *going)
    else:
        tell("gone", *going)


def move(store: ChatStore, chat: int, dice: random.Random) -> None:
    folders = [folder.id for folder in store.folders()]
    folder = dice.choice(folders) if len(folders) > 5 else store.create_folder(f"Folder {dice.random()}").id
    tell("moving", chat)
    store.move(chat, folder)
    if dice.random() < 0.5:
        store.move(chat, 0)
        folder = 0
    trashed = dice.random() < 0.3
    if trashed:
        store.delete(chat)
    tell("moved", chat, folder, int(trashed))


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
