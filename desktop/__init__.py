"""The desktop program: the only place where engine and rag meet."""
