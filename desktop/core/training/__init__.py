"""The workshop's room in the core: runs in their folders, what they learn from, and who trains them."""
