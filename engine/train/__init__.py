"""A small Transformer: its parts with their gradients, and how it is trained. No torch, no window."""
