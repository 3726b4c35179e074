"""Attacks on the audit log, run against it: ``PYTHONPATH=tests python -m attacks > docs/attacks.md``."""
