"""Run every attack and write the page: ``PYTHONPATH=tests python -m attacks > docs/attacks.md``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from attacks.page import page
from attacks.stage import Stage

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write(page(Stage(Path(folder))))
