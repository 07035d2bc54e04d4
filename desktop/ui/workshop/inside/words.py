"""What each view of the inside shows, in two sentences, and the function that computes it."""

from typing import Final

import msgspec

from desktop.i18n import _

VIEWS: Final = (
    "tokens",
    "attention",
    "layers",
    "embeddings",
    "softmax",
    "parts",
    "context",
    "beside",
)


class View(msgspec.Struct, frozen=True):
    title: str
    said: str
    function: str  # "module:name"


def view_words(key: str) -> View:
    return {
        "tokens": View(
            _("Tokens"),
            _(
                "A model never sees letters, only numbers for pieces of text. The tokenizer starts with "
                "single bytes and joins, again and again, the pair that was most "
                "frequent when it was learnt."
            ),
            "engine.train.looking:rounds_of_merging",
        ),
        "attention": View(
            _("Attention"),
            _(
                "Each row is a token that looks back, each column one that it looks at; the stronger the "
                "colour, the more of that token goes into the mix. Heads divide the work: one looks at the "
                "neighbour, another at a word that matters from far away."
            ),
            "engine.train.inside:read",
        ),
        "layers": View(
            _("Layers"),
            _(
                "Here the model is asked for its guess as if it ended after each layer. Early guesses are "
                "blurred; layer by layer the meaning gathers until one token stands out."
            ),
            "engine.train.inside:next_after_each_layer",
        ),
        "embeddings": View(
            _("Embeddings"),
            _(
                "Every token is an arrow with many numbers, flattened here to the two directions in which "
                "they differ most. Tokens that are used alike end up near each other, although nobody told "
                "the model what they mean."
            ),
            "engine.train.inside:flattened",
        ),
        "softmax": View(
            _("Softmax"),
            _(
                "The softmax turns scores into chances that sum to one. A low temperature sharpens them, a "
                "high one flattens them, and top-k and top-p cut off the unlikely end before the dice fall."
            ),
            "engine.train.inside:softmax",
        ),
        "parts": View(
            _("Parts"),
            _(
                "What a model knows is spread over its parameters, and most of them sit in the feed-forward "
                "parts. Each new token costs about two operations for every parameter that it passes, and "
                "attention costs more the longer the text is."
            ),
            "engine.train.inside:parts_of",
        ),
        "context": View(
            _("Context"),
            _(
                "The causal mask hides everything that comes later: a token that saw its successor would "
                "learn nothing by guessing it. And nothing is seen beyond the context window: what falls out "
                "of it is forgotten."
            ),
            "engine.train.transformer:plain_batch",
        ),
        "beside": View(
            _("GPT and BERT"),
            _(
                "The same sentence, read twice: GPT looks only back, so that it can go on writing; BERT "
                "looks both ways, so that it can fill a gap. That one difference, a triangle or a "
                "square, decides "
                "what a model is good for."
            ),
            "engine.train.masked:MaskedTask",
        ),
    }[key]


def part_words(name: str) -> str:
    return {
        "embedding": _("Embedding"),
        "attention": _("Attention: its maps"),
        "scores": _("Attention: its scores"),
        "cross-attention": _("Cross-attention"),
        "feed-forward": _("Feed-forward"),
        "norms": _("Norms"),
        "output": _("Output"),
    }.get(name, name)
