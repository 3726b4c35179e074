"""From audio to words with times, per channel, merged into turns."""
