"""Checks on an estate give findings, and triage puts them in order."""
