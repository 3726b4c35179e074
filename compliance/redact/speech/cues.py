"""What gives away that something sensitive, or something harmless, is being talked about.

The patterns stand in ``words/cues.yaml`` and ``words/ways.yaml``, so that a way of
asking is added without touching code.
"""

from __future__ import annotations

import re

from compliance.records import Entity
from compliance.redact.words import patterns

PATTERNS = tuple((Entity(name), re.compile("|".join(listed))) for name, listed in patterns("cues").items())
"""Every kind with the pattern of what names it; the order settles which kind leads in one sentence."""


def way(name: str) -> re.Pattern[str]:
    """One of the listed ways of speaking, as a pattern."""
    return re.compile("|".join(patterns("ways")[name]))


HARMLESS = way("harmless")
ASKS = way("asks")
CONTINUES = way("continues")
DODGES = re.compile(f"^{''.join(patterns('ways')['dodge_lead'])}({'|'.join(patterns('ways')['dodges'])})")
