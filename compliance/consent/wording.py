"""A small notation for patterns over plain words, and the parts that several patterns share.

In the patterns of ``told`` and ``answered``, ``<CALL>`` stands for the part of
that name, and line breaks are only for the reader.  Every pattern has its cases
and its near misses in the tests; a change without one is a guess.
"""

from __future__ import annotations

import re

_PARTS = {
    # What is recorded.
    "CALL": """(?:(?:phone|telephone|voice|video|whole|entire|current|inbound|outbound|incoming|outgoing
        |following|customer) ){0,3}
        (?:calls?|lines?|conversations?|session|interaction|discussion|chat|telephone)""",
    "THIS": """(?:(?:this|the|our|my|your|these|every|each|any|today|both sides of|all of|all|parts? of
        |portions of|some|some of) ){1,4}""",
    # A plural without "our" or "these" counts only at the head of a clause; see ``notice``.
    "BARE": "(?:phone |telephone )?(?:calls|lines|conversations)",
    "WHAT": "(?:<THIS><CALL>|<BARE>|this (?:coal|col|cal|cole)|your voice|(?:the|this|your) audio)",
    # "calls to this number", "conversations with our agents"
    "WITH": """(?: (?:to|from|with|on|between|made|you are|we are)
        (?: (?!(?:is|are|was|were|will|may|the one|emergency|police|last|not|if)\\b)\\w+){1,6}?
        | today| itself)?""",
    # Words between "is" and "recorded" that leave the sense as it is.
    "EVER": """(?: (?!(?:not|never|no|nothing|about|the|a|an|i|you|we|they|he|she|it|that|this|which|who
    |when|if
        |was|were|important|from|of|why|how|where|longer|stopped|being asked|over)\\b)\\w+){0,7}?""",
    "DONE": "(?:recorded|taped|monitored|record(?:er|ing|s)?(?= for (?:quality|training)))",
    "TAPED": "(?:recorded|recording|record|taped|taping|tape)",
    # What may be the object of "record" when this call is meant, or was misheard.
    "IT": """(?:<THIS><CALL>|(?:phone |telephone )?(?:calls|conversations)|you|us|what (?:you|we) say
        |this(?= (?:for|to|so|today|now|and)|$)|this (?:cost|coal|col|cal|cole|core|crawl|haul))""",
    "FINE": "(?:ok|all right|fine|acceptable|good)",
    "AGREE": """(?:consent|consenting|agree|agreeing|acknowledge|accept|permission|comfortable|ok|fine
        |all right)""",
}


def pattern(text: str) -> re.Pattern[str]:
    """A compiled pattern, its parts put in; line breaks with their indent vanish."""
    joined = _joined(text)
    while (name := re.search(r"<([A-Z]+)>", joined)) is not None:
        joined = joined.replace(name.group(), _joined(_PARTS[name.group(1)]))
    return re.compile(joined)


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


def _joined(text: str) -> str:
    return re.sub(r"\n\s*", "", text)
