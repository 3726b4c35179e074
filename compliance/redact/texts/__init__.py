"""Text and transcripts, read in pieces: what was said, where it stands, and what is found in it."""
