"""Whether the whole installation is well, what can be mended, and what may be told to others about it."""
