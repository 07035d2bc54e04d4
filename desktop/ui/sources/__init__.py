"""Panels about where answers come from: the sources of a chat, and why a search found what it found."""
