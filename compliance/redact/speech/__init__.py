"""Reading spoken language: numbers, spelling, questions and their answers."""
