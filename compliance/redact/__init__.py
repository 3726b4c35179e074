"""What to remove from a recording, and removing it."""
