"""Database and objects, and the vault for what must be destroyed."""
