"""Chats and library encrypted at rest: the key, what wraps it, and the way of the files there and back."""
