"""library.db: the truth of the library. One writer; readers have connections of their own."""
