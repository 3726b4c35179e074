"""How well it works: calls whose truth is known, the cuts made in them, and the figures that tell."""
