"""The name under which vectors are kept: vectors of different fingerprints are never compared. Pure."""

import hashlib
import json

from rag.embedding.prefixes import Prefixes


def fingerprint_of(form: str, digest: str, pooling: str, prefixes: Prefixes, dimensions: int) -> str:
    """All that a vector depends on: the form that computes it, a digest of the model's files, how tokens
    become one vector, the words in front of texts, how many numbers it has.

    Where the model stands and what its folder is called is no part of it: a model that was moved need not
    embed everything again.
    """
    words = hashlib.sha256(json.dumps(sorted(prefixes.items())).encode()).hexdigest()[:8]
    return f"{form}/{dimensions}/{pooling}/{words}/{digest}"
