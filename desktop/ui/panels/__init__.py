"""What stands at the right of the conversation, one at a time."""
