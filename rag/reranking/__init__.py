"""Cross-encoders: question and passage read together, for a score of how well the one answers the other."""
