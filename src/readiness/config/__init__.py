"""Settings: `readiness.yaml`, read and validated without running anything."""
