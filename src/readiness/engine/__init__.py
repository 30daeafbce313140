"""Checks × estate → findings → triage."""
