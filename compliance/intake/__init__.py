"""From LiveKit's webhook to a recording whose source is in the vault."""
