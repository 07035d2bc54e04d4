"""What the tokens of a fake reply were drawn from: words for tokens, and chances that look like a model's."""

import random
import re
import zlib

from engine.protocol import Alternative, TokenDetail

WORDS = re.compile(r"\s*[^\s\w]+|\s*\w{1,7}|\s+")
OTHERS = (" the", " a", " eight", " about", " it", ",", " and", " one", " of", " ticket", " children", " in")
AFTER = 3  # of the alternatives, how many the samplers leave


def number_of(text: str) -> int:
    return zlib.crc32(text.encode()) % 49_152


def details_of(text: str, count: int) -> tuple[TokenDetail, ...]:
    """Of every token of `text`, with `count` alternatives; the same each time."""
    return tuple(_detail(word, n, count) for n, word in enumerate(WORDS.findall(text)))


def _detail(word: str, place: int, count: int) -> TokenDetail:
    chance = random.Random(zlib.crc32(f"{place}{word}".encode()))
    others = [other for other in OTHERS if other != word]
    chance.shuffle(others)
    words = [word, *others[: count - 1]]
    if chance.random() < 0.2 and len(words) > 1:  # not always the likeliest
        words[0], words[1] = words[1], words[0]
    left, p = 1.0, []
    for _ in words:
        share = left * chance.uniform(0.35, 0.9)
        p.append(share)
        left -= share
    before = tuple(Alternative(number_of(w), w, share) for w, share in zip(words, p, strict=True))
    kept = before[:AFTER]
    total = sum(one.p for one in kept)
    after = tuple(Alternative(one.id, one.text, one.p / total) for one in kept)
    at = words.index(word)
    return TokenDetail(number_of(word), word, p[at], after[at].p if at < AFTER else 0.0, before, after)
