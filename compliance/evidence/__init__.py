"""What is handed to others so that they need not believe us."""
