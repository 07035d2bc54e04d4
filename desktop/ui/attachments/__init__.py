"""Files that go with a question, as the window shows them: chips, the composer's strip, the drop zones."""
