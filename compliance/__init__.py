"""Recording compliance for voice agents: what must not be kept is removed, and proof of it stays."""

__version__ = "0.1.0"
