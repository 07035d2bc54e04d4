"""Chats as examples to learn from: the replies that the person rated good, or put right by hand.

Each example is a conversation, from its beginning down to such a reply. Replies on the way that nobody
approved of are there to be understood by, not to be learnt: their `weight` is 0, as in the files that
OpenAI's fine-tuning takes. https://platform.openai.com/docs/guides/supervised-fine-tuning
"""

from collections.abc import Iterator
from typing import Any

from desktop.core.exchange.conversations import Conversation, Node
from desktop.core.replies.prompt import turn_text
from desktop.core.types import ExcerptsPart, FilePart, TextPart


def approved(node: Node) -> bool:
    """Whether a model should answer like this: rated good, or edited and not rated bad."""
    if node.role != "assistant" or node.state not in ("complete", "stopped") or not said(node).strip():
        return False
    return node.rating > 0 or (node.edited and node.rating == 0)


def examples_of(chat: Conversation) -> Iterator[dict[str, Any]]:
    """Rows {"messages": [{"role", "content", "weight"?}]}. Every approved reply is learnt once."""
    nodes = {node.key: node for node in chat.nodes}
    good = [node for node in chat.nodes if approved(node)]
    above = {higher.key for node in good for higher in _path(nodes, node)[:-1]}
    open_ = {node.key for node in good}  # not learnt in a row so far
    for node in good:
        if node.key in above:
            continue  # the row of one below has it
        messages: list[dict[str, Any]] = []
        if chat.system_prompt.strip():
            messages.append({"role": "system", "content": chat.system_prompt})
        for one in _path(nodes, node):
            words = said(one)
            if not words.strip():
                continue
            learnt = one.role != "assistant" or one.key in open_
            messages.append({"role": one.role, "content": words, **({} if learnt else {"weight": 0})})
            open_.discard(one.key)
        yield {"messages": messages}


def said(node: Node) -> str:
    """The words of a message as a model reads them: with its files and excerpts, without thoughts."""
    text = "".join(part.text for part in node.parts if isinstance(part, TextPart))
    if node.role != "user":
        return text
    files = [part for part in node.parts if isinstance(part, FilePart)]
    excerpts = [one for part in node.parts if isinstance(part, ExcerptsPart) for one in part.excerpts]
    return turn_text(text, excerpts, files)


def _path(nodes: dict[str, Node], node: Node) -> list[Node]:
    """From the beginning down to `node`."""
    path = [node]
    while path[-1].parent is not None:
        path.append(nodes[path[-1].parent])
    return path[::-1]
