"""Fixes: what policies say of mending them, as edits of the files that people write."""
