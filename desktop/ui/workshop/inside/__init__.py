"""A look inside a model: the views, each with two sentences and the function behind it."""
