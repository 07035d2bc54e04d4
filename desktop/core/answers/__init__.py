"""Answers from documents: what a question asks for, what is given to the model, what is said without it."""
