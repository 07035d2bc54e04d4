"""A reply that went on: what it cost and what it was drawn from, as a whole. Values only."""

from collections.abc import Sequence

from msgspec.structs import replace

from engine.protocol import Stats, TokenDetail


def whole_stats(before: Stats | None, after: Stats | None) -> Stats | None:
    """What a reply cost in all its parts, which `parts` of it has; the first token's time is the first's.

    `prompt_tokens` is the last prompt without what the reply said already, so that prompt and reply add up
    to what the window holds. What nobody knows of the beginning stays out.
    """
    if after is None or before is None:
        return before if after is None else replace(after, parts=(after,))
    parts = (*(before.parts or (before,)), after)
    generated = sum(part.generated_tokens for part in parts)
    spent_s = sum(part.generated_tokens / part.tokens_per_s for part in parts if part.tokens_per_s > 0)
    return replace(
        after,
        prompt_tokens=max(0, after.prompt_tokens - before.generated_tokens),
        reused_tokens=before.reused_tokens,
        generated_tokens=generated,
        ttft_s=before.ttft_s,
        tokens_per_s=generated / spent_s if spent_s > 0 else after.tokens_per_s,
        seed=before.seed,
        drafted_tokens=sum(part.drafted_tokens for part in parts),
        accepted_tokens=sum(part.accepted_tokens for part in parts),
        thought_tokens=sum(part.thought_tokens for part in parts),
        record=None,  # no record alone gives this reply again; each part has its own
        parts=parts,
    )


def whole_details(
    before: Sequence[TokenDetail], begun: str, after: Sequence[TokenDetail]
) -> tuple[TokenDetail, ...]:
    """The details of both parts; without the earlier ones where tokens between them are not known."""
    if after and before and not _reach_the_end(before, begun):
        return tuple(after)
    return (*before, *after)


def _reach_the_end(details: Sequence[TokenDetail], text: str) -> bool:
    """Whether these are of the last tokens of a text, and perhaps of the thoughts before it.

    What comes before a token that is only part of a character cannot be compared.
    """
    said = "".join(detail.text for detail in details).rpartition("\ufffd")[2].rstrip()
    text = text.rstrip()
    return text.endswith(said) or said.endswith(text)
