"""Keeping and destroying: legal holds, retention, erasure."""
