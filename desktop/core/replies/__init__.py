"""From a question to a stored reply: prompt, context plan, engine, what is kept beside it."""
