"""The checks of the log, one kind a module; ``audit.verify`` puts them together."""
