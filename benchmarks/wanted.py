"""Which mentions the text benchmarks ask about, where the labels of a corpus need reading with care."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from benchmarks.coverage import Wanted
from benchmarks.transcripts import Transcript, Truth
from compliance.records import Role

NOT_NAMES = frozenset({
    "aunt", "dad", "mom", "uncle", "dr", "miss", "mr", "mrs", "ms", "lcsw", "mfc", "np", "psy", "psyd",
    "psychologist", "psychotherapist", "licensed", "marriage", "and", "family", "therapist",
})  # fmt: skip
"""Titles, kin and degrees, which labels of people take in."""
PRACTICES = frozenset(
    {"alameda children's specialized", "building better relationships", "center for well being"}
)
"""Businesses that are labelled as people."""
TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")


def of_kind(*kinds: str) -> Wanted:
    """Every mention of these kinds."""
    return lambda text: [truth for truth in text.truths if truth.kind in kinds]


def names(text: Transcript) -> Iterator[Truth]:
    """Mentions of people, less the words that name nobody: titles, kin, degrees, initials."""
    for truth in of_kind("PERSON")(text):
        words = {n: bare(text.said([n])) for n in truth.places}
        named = frozenset(n for n, word in words.items() if len(word) > 1 and word not in NOT_NAMES)
        if named and text.said(truth.places).lower().rstrip(".,?!") not in PRACTICES:
            yield Truth(kind=truth.kind, places=frozenset(n for n in named if words[n].isalpha()) or named)


def people_but_the_agent(text: Transcript) -> Iterable[Truth]:
    """Mentions of people other than whoever named themselves in the agent's first turn."""
    first = text.conversation.turns[0]
    is_agent = text.conversation.role_of(first.channel) is Role.AGENT
    people = of_kind("PERSON")(text)
    opening = range(len(first.words)) if is_agent else range(0)
    agent = {bare(text.said([n])) for truth in people for n in truth.places if n in opening}
    return [each for each in people if not agent & {bare(text.said([n])) for n in each.places}]


def private_numbers(text: Transcript) -> Iterable[Truth]:
    """Telephone numbers less toll-free ones, which belong to companies."""
    return [each for each in of_kind("PHONE_NUMBER")(text) if not _is_toll_free(text.said(each.places))]


def _is_toll_free(number: str) -> bool:
    return "".join(filter(str.isdigit, number)).removeprefix("1").startswith(TOLL_FREE)


def bare(word: str) -> str:
    """A word in lower case without the marks around it or a possessive's end."""
    return word.lower().strip(".,?!:;\"'()").replace("’", "'").removesuffix("'s")
