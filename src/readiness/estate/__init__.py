"""The estate: every declared resource, the links between them, and facts of the repository."""
