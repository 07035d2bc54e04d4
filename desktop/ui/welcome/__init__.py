"""The first run: a page of three steps."""
