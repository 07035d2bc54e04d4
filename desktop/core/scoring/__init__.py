"""A score on a person's own documents: questions, the ways of searching that are tried, their places."""
