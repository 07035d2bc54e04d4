"""The context window, visible: a bar by parts, and every token of the prompt. Counts nothing."""
