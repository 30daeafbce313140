"""The readiness report over many repositories: one worker each, one store, one report."""
