"""Chats in and out of files: imports, exports, backups, restores. Knows no window and chooses no words."""
