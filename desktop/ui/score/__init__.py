"""How well one's own documents are found: a page of its own."""
