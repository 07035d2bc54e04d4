"""The page “Your data”: chats in and out, backup and restore."""
