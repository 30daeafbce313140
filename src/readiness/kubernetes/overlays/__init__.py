"""Kustomize overlays: what their builds give, each value with the place where a person writes it."""

from readiness.kubernetes.overlays.build import build_overlays
from readiness.kubernetes.overlays.model import Built, Files, Overlays

__all__ = ["Built", "Files", "Overlays", "build_overlays"]
