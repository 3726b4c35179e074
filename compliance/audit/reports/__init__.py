"""Reports from the log, for those who ask by a law: values first, then HTML, CSV and JSON of the same."""
