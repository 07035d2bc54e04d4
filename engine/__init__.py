"""The language model: load, chat, count, and the worker process around it. No Qt, no rag."""
