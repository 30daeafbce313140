"""RBAC: what rules permit, which roles exist in every cluster, what an account may do."""
