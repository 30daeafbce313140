"""Links between Kubernetes objects: what names, selects and makes what, and what leads nowhere."""
