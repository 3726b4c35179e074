"""Which weights, from where, with which digest."""
