"""Schemas of Kubernetes and of custom kinds, what breaks them, and the lifecycle of API versions."""
