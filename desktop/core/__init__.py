"""Chats, settings, context plan, prompt assembly, operations, supervisors, local socket. No Qt."""
