"""Fitting the tagger: annotated call fragments, written as a recogniser would write them, to weights."""
