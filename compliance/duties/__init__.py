"""What law and contracts ask of what is kept: how long, and with whom."""
