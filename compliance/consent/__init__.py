"""Who was where, what the law asks, what was said, and the verdict."""
