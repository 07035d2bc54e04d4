"""What else a reply might have said, and what it cost. Computes nothing."""
