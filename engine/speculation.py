"""Guess the next tokens from the text itself, and decide whether guessing pays. Evaluates nothing.

Where a reply quotes its prompt, what followed the last few tokens before follows them again. The guess is
read in one batch with the token before it and costs less than its tokens one by one, if it is right often
enough and the machine reads batches fast enough: both are measured as the reply goes. The idea is prompt
lookup decoding (A. Saxena, 2023), with the choice of length after Leviathan et al., arXiv:2211.17192.
"""

from collections.abc import Sequence
from typing import Final

LONGEST_MATCH: Final = 32  # how far back a match is followed, to judge it
# with the token before them a batch of 4, 8, 16: matrix kernels work in fours
LENGTHS: Final = (3, 7, 15)
MOST: Final = LENGTHS[-1]
# what a match of at least so many tokens gets right of a guess, until it is known better; the least of them
# must match. What a person gave to read is quoted; what a model itself wrote only resembles it.
PROMPT_SHARES: Final = ((16, 0.96), (8, 0.95), (5, 0.87), (3, 0.75), (2, 0.55))
REPLY_SHARES: Final = ((16, 0.9), (8, 0.8), (5, 0.6), (3, 0.4))
# a quotation that was left for a word goes on near where it would have been
NEARBY: Final = 8
GOES_ON: Final = 8  # tokens that such a match counts longer
PRIOR_TOKENS: Final = 12.0  # how much what is known at first weighs
FORGET: Final = 0.9
PAYS: Final = 1.3  # a guess must promise more than what measuring is off by
OPTIMISM: Final = 0.998  # a cost counts for so much of itself with every batch since it was measured


class BatchCosts:
    """What evaluating a batch takes on this machine, by its size; kept as long as the model is loaded.

    Times are seconds; single tokens, and prompts, which are read in large batches, teach it the most.
    """

    def __init__(self) -> None:
        self._seconds: dict[int, float] = {}
        self._learned: dict[int, int] = {}  # at which batch
        self._batches = 0
        self._reading: float | None = None  # of a prompt's token

    def learn(self, tokens: int, seconds: float) -> None:
        """A batch whose tokens all got logits took so long."""
        known = self._seconds.get(tokens)
        self._batches += 1
        self._learned[tokens] = self._batches
        # the least is the truest: everything else on the machine adds to it
        self._seconds[tokens] = seconds if known is None else min(seconds, known + 0.1 * (seconds - known))

    def learn_reading(self, tokens: int, seconds: float) -> None:
        """A batch of a prompt took so long."""
        each = seconds / tokens
        known = self._reading
        self._reading = each if known is None else min(each, known + 0.1 * (each - known))

    def ratio(self, tokens: int) -> float:
        """What a batch of so many costs in single tokens."""
        one = self._seconds.get(1)
        if one is None:
            return float(tokens)
        known = self._seconds.get(tokens)
        if known is not None:
            # found too high once, it is measured again some day
            return known / one * OPTIMISM ** (self._batches - self._learned[tokens])
        # a small batch gains no more than a large one
        reading = one / 4 if self._reading is None else self._reading
        return 1 + (tokens - 1) * min(1.0, 1.3 * reading / one)


class Places:
    """Where tokens stood last, by the few before them, and how guesses from there fared."""

    def __init__(self, shares: Sequence[tuple[int, float]]) -> None:
        self.key = shares[-1][0]  # so many tokens must have stood there
        self._least = [least for least, _ in shares]
        self._right = {least: share * PRIOR_TOKENS for least, share in shares}
        self._tried = {least: PRIOR_TOKENS for least, _ in shares}
        self._places: dict[tuple[int, ...], int] = {}

    def enter_all(self, tokens: Sequence[int]) -> None:
        """Every place of a text; later ones replace earlier ones."""
        ends = range(self.key, len(tokens))
        keys = zip(*(tokens[at:] for at in range(self.key)), strict=False)
        self._places = dict(zip(keys, ends, strict=False))

    def enter(self, tokens: Sequence[int]) -> None:
        """What follows the last tokens stands after them."""
        self._places[tuple(tokens[-self.key :])] = len(tokens)

    def find(self, tokens: Sequence[int]) -> int | None:
        """Where the last tokens stood before, the place after them."""
        return self._places.get(tuple(tokens[-self.key :]))

    def kind(self, matched: int) -> int:
        return next(least for least in self._least if matched >= least)

    def share(self, kind: int) -> float:
        """What such matches get right of a guess, 0 to 1."""
        return min(0.99, self._right[kind] / self._tried[kind])

    def learn(self, kind: int, drafted: int, accepted: int) -> None:
        # tokens after the first wrong one tell nothing
        self._right[kind] = self._right[kind] * FORGET + accepted
        self._tried[kind] = self._tried[kind] * FORGET + min(drafted, accepted + 1)


class Speculation:
    """The tokens of one prompt and its reply, where they stood last, and how guesses fared."""

    def __init__(self, costs: BatchCosts, tokens: Sequence[int]) -> None:
        self._costs = costs
        self._tokens = list(tokens)
        self._prompt_tokens = len(tokens)
        self._in_prompt, self._in_reply = Places(PROMPT_SHARES), Places(REPLY_SHARES)
        self._in_prompt.enter_all(self._tokens)
        self._last = (self._in_prompt, self._in_prompt.key)  # what the last guess was drawn from
        self._quoting = 0  # how far back the text is that was quoted last; 0: none was
        self.drafted = self.accepted = 0

    def push(self, token: int) -> None:
        """A token was written."""
        if len(self._tokens) >= max(self._prompt_tokens, self._in_reply.key):
            # entered only now, so that the last tokens do not find themselves
            self._in_reply.enter(self._tokens)
        self._tokens.append(token)

    def draft(self, most: int) -> Sequence[int]:
        """At most `most` tokens that are worth trying after the last one; none where that would not pay."""
        if most < LENGTHS[0]:
            return ()
        best, found = 0.0, 0
        for places in (self._in_prompt, self._in_reply):
            place = places.find(self._tokens)
            if place is None:
                continue
            kind = places.kind(self._matched(place, places.key))
            if places.share(kind) > best:
                best, found, self._last = places.share(kind), place, (places, kind)
        length = self._best_length(best, min(most, len(self._tokens) - found)) if best else 0
        return self._tokens[found : found + length]

    def learn(self, drafted: int, accepted: int) -> None:
        """`accepted` of the last draft's tokens were what the model wrote."""
        self.drafted += drafted
        self.accepted += accepted
        places, kind = self._last
        places.learn(kind, drafted, accepted)

    def _matched(self, place: int, length: int) -> int:
        """How many tokens before `place` equal the last ones; more where a quotation goes on."""
        tokens, end = self._tokens, len(self._tokens)
        most = min(LONGEST_MATCH, place)
        while length < most and tokens[place - length - 1] == tokens[end - length - 1]:
            length += 1
        back = end - place
        if length >= GOES_ON:
            self._quoting = back
        elif self._quoting and abs(back - self._quoting) <= NEARBY:
            length += GOES_ON
        return length

    def _best_length(self, share: float, most: int) -> int:
        best, gain = 0, PAYS
        for length in LENGTHS:
            if length > most:
                break
            written = (1 - share ** (length + 1)) / (1 - share)  # tokens of one batch, on average
            promised = written / self._costs.ratio(length + 1)
            if promised > gain:
                best, gain = length, promised
        return best
