"""Helm charts: rendered by Helm's own engine, with every value traced to the file a person edits."""
