"""Guess the next tokens from the text itself, and decide whether guessing pays. Evaluates nothing.

Where a reply quotes its prompt, what followed the last few tokens before follows them again. The guess is
read in one batch with the token before it and costs less than its tokens one by one, if it is right often
enough and the machine reads batches fast enough: both are measured as the reply goes. The idea is prompt
lookup decoding (A. Saxena, 2023), with the choice of length after Leviathan et al., arXiv:2211.17192.
"""

from collections.abc import Sequence
from typing import Final

KEY: Final = 3  # so many tokens must have stood there before
LONGEST_MATCH: Final = 32  # how far back a match is followed, to judge it
# with the token before them a batch of 4, 8, 16: matrix kernels work in fours
LENGTHS: Final = (3, 7, 15)
MOST: Final = LENGTHS[-1]
# matches at least so long, and what share of guesses such matches get right, until it is known better
MATCHES: Final = ((16, 0.95), (8, 0.85), (5, 0.6), (KEY, 0.35))
# a quotation that was left for a word goes on near where it would have been
NEARBY: Final = 8
GOES_ON: Final = 8  # tokens that such a match counts longer
PRIOR_TOKENS: Final = 6.0  # how much what is known at first weighs
FORGET: Final = 0.9
PAYS: Final = 1.08  # a guess must promise more than what measuring is off by
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


class Speculation:
    """The tokens of one prompt and its reply, where each three of them stood last, and how guesses fared."""

    def __init__(self, costs: BatchCosts, tokens: Sequence[int]) -> None:
        self._costs = costs
        self._tokens = list(tokens)
        # three tokens -> the place after them; later places replace earlier ones
        ends = range(KEY, len(self._tokens))
        self._places = dict(
            zip(zip(*(self._tokens[at:] for at in range(KEY)), strict=False), ends, strict=False)
        )
        self._right = {least: share * PRIOR_TOKENS for least, share in MATCHES}
        self._tried = {least: PRIOR_TOKENS for least, _ in MATCHES}
        self._match = KEY
        self._quoting = 0  # how far back the text is that was quoted last; 0: none was
        self.drafted = self.accepted = 0

    def push(self, token: int) -> None:
        """A token was written."""
        tokens = self._tokens
        if len(tokens) >= KEY:
            # entered only now, so that the last tokens do not find themselves
            self._places[tokens[-3], tokens[-2], tokens[-1]] = len(tokens)
        tokens.append(token)

    def draft(self, most: int) -> Sequence[int]:
        """At most `most` tokens that are worth trying after the last one; none where that would not pay."""
        tokens = self._tokens
        if most < LENGTHS[0] or len(tokens) <= KEY:
            return ()
        place = self._places.get((tokens[-3], tokens[-2], tokens[-1]))
        if place is None:
            return ()
        self._match = self._kind(self._matched(place))
        length = self._best_length(min(most, len(tokens) - place))
        return tokens[place : place + length]

    def learn(self, drafted: int, accepted: int) -> None:
        """`accepted` of the last draft's tokens were what the model wrote."""
        self.drafted += drafted
        self.accepted += accepted
        kind = self._match
        # tokens after the first wrong one tell nothing
        tried = min(drafted, accepted + 1)
        self._right[kind] = self._right[kind] * FORGET + accepted
        self._tried[kind] = self._tried[kind] * FORGET + tried

    def _matched(self, place: int) -> int:
        """How many tokens before `place` equal the last ones, with a bonus where a quotation goes on."""
        tokens, end = self._tokens, len(self._tokens)
        length = KEY
        most = min(LONGEST_MATCH, place)
        while length < most and tokens[place - length - 1] == tokens[end - length - 1]:
            length += 1
        back = end - place
        if length >= GOES_ON:
            self._quoting = back
        elif self._quoting and abs(back - self._quoting) <= NEARBY:
            length += GOES_ON
        return length

    def _kind(self, matched: int) -> int:
        return next(least for least, _ in MATCHES if matched >= least)

    def _best_length(self, most: int) -> int:
        share = min(0.99, self._right[self._match] / self._tried[self._match])
        best, gain = 0, PAYS
        for length in LENGTHS:
            if length > most:
                break
            written = (1 - share ** (length + 1)) / (1 - share)  # tokens of one batch, on average
            promised = written / self._costs.ratio(length + 1)
            if promised > gain:
                best, gain = length, promised
        return best
