"""The readiness report: services held against controls, levels, next steps and key figures."""
