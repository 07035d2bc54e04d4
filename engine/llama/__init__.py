"""llama.cpp as plain Python: library, model with its vocabulary, context with its KV cache, sampler.

Holds no chat, no template, no loop. Importing it loads the native library: only a worker does so. Objects
are for one thread, except `Model.tokenize` and `Model.piece`.
"""

from engine.llama.adapters import Adapters
from engine.llama.context import LAST, Context
from engine.llama.library import Library
from engine.llama.model import Model
from engine.llama.sampler import Sampler

__all__ = ["LAST", "Adapters", "Context", "Library", "Model", "Sampler"]
