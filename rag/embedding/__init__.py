"""Texts into vectors: the protocol that whoever embeds conforms to (`embedder`), and the backends of our own.

Brings nothing in by itself: whoever only names a model needs no arithmetic.
"""
