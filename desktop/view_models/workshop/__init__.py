"""The workshop behind its page: what is planned, what is trained, what it told. No widgets, no words."""
