"""The chats of a person: their database, what is read from it and written into it. Knows no model."""
