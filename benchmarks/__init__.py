"""Measurements: what leaks, what is cut for nothing, and how long it takes."""
