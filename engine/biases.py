"""Which tokens a bias means, in the vocabulary of the model that is loaded. Adds nothing to any logit."""

from collections.abc import Callable, Sequence

from engine.errors import NoSuchToken, NotOneToken
from engine.protocol import Bias
from engine.sampling import weight


def token_biases(
    biases: Sequence[Bias], vocabulary_tokens: int, tokenize: Callable[[str], Sequence[int]]
) -> list[tuple[int, float]]:
    """Token and what is added to its logit, for each.

    Raises NoSuchToken, and NotOneToken for a text that is several tokens, or none.
    """
    return [(_token(bias.token, vocabulary_tokens, tokenize), weight(bias)) for bias in biases]


def _token(token: int | str, vocabulary_tokens: int, tokenize: Callable[[str], Sequence[int]]) -> int:
    if isinstance(token, int):
        if not 0 <= token < vocabulary_tokens:
            raise NoSuchToken(token=token, vocabulary=vocabulary_tokens)
        return token
    found = tokenize(token)
    if len(found) != 1:
        raise NotOneToken(text=token, tokens=len(found))
    return found[0]
