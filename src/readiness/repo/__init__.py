"""Which files there are, and facts of the repository."""
