"""`readiness init`: looks at a repository, and plans the files that introduce the gate there."""
