"""What a model can be taught by, out of a person's chats and documents. Trains nothing."""
