"""Kubernetes in Terraform: objects that Terraform blocks declare, and the values of Helm releases."""

from __future__ import annotations

from readiness.estate.embedded.declare import declare
from readiness.estate.embedded.join import join

__all__ = ["declare", "join"]
