"""System prompts in the window: the library's page, and what it shares with the panel of a chat."""
