"""A search that also asks a Chroma server: which names are meant, and how both answers become one."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from rag.embedding.embedder import Floats
from rag.found_values import Hit
from rag.protocol import Found, Search
from rag.search.searcher import Searcher
from rag.server.thread import ServerThread
from rag.server.weighing import weighed

Embed = Callable[[str], tuple[str, Floats]]  # a question's fingerprint and vector


def search_both(
    request: Search, here: Searcher, embed: Embed, server: ServerThread, own: Sequence[str]
) -> Found:
    """`here` searches the library, whose collections are `own`.

    Raises what it raises, and a ServerError where a collection of the server is named and cannot be searched.
    """
    there = tuple(name for name in request.collections if name not in own and server.holds(name))
    named = tuple(name for name in request.collections if name not in there)
    only_there = bool(there) and not named
    found = Found(()) if only_there else here.search(replace(request, collections=named))
    everywhere = not request.collections and bool(server.collections())
    question = " ".join(request.query.split())
    if not question or request.documents or not (there or everywhere):
        return found
    if request.filters.since or request.filters.until:
        return found  # when a file was changed elsewhere is not known here
    fingerprint, vector = embed(question)
    near = [hit for hit in server.search(there, fingerprint, vector, request.k) if _allowed(hit, request)]
    hits = weighed(question, near, here.ruler(fingerprint)) if near else near
    return replace(found, hits=merged(found.hits, hits, request.k)) if hits else found


def _allowed(hit: Hit, request: Search) -> bool:
    pages = request.filters
    return hit.page >= pages.first_page and (not pages.last_page or hit.page <= pages.last_page)


def merged(here: Sequence[Hit], there: Sequence[Hit], most: int) -> tuple[Hit, ...]:
    """Both in their own orders; of the two that come next, the nearer one. Each text once."""
    left, right = list(here), list(there)
    result: list[Hit] = []
    seen: set[str] = set()
    while (left or right) and len(result) < most:
        side = left if left and (not right or left[0].score >= right[0].score) else right
        hit = side.pop(0)
        if hit.text not in seen:
            seen.add(hit.text)
            result.append(hit)
    return tuple(result)
