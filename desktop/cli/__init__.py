"""The commands: what a person types, what is printed. No Qt, no rule about chats, models or documents."""
