"""One file per kind of finding; Presidio is the registry and the runner."""
