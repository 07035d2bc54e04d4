"""The processes beside the program: how each is started, watched, asked and ended."""
