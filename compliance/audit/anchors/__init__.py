"""Copies of checkpoints out of the operator's reach, and the time as others state it."""
