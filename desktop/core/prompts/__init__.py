"""System prompts: the library, its ready-made part, variables, what counts for a chat, files of prompts."""
