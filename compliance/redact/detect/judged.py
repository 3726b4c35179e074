"""What stock recognisers say, judged: which of their names and places are believed.

A recogniser of written text takes companies, goods and the first words of
sentences for people.  One that says so alone is believed where the word looks
like a name; the names that an agent's greeting gives are the company's own.
"""

from __future__ import annotations

from collections.abc import Iterable

from compliance.records import Entity, Role
from compliance.redact.detect.digits import TOLL_FREE
from compliance.redact.detect.document import Document, Recognised
from compliance.redact.detect.rampart import NAME as RAMPART
from compliance.redact.speech.cues import way
from compliance.redact.words import words

NAMES = frozenset({Entity.PERSON, Entity.LOCATION, Entity.STREET_ADDRESS})
SURE = 0.85
"""A place needs this much, and so does a name that only one recogniser knows."""
GREETING = way("greeting")
"""Sentences of the agent in which names are the company's and the agent's own."""

DISCLOSES = way("discloses")
"""Sentences that only an agent says, whoever is heard on the channel."""


def believed(document: Document, found: Iterable[Recognised], ours: frozenset[str]) -> list[Recognised]:
    """Everything of ours, and what stands to reason of the rest."""
    listed = list(found)
    named = {
        name: {
            i
            for each in listed
            if each.detector == name and each.found.entity in NAMES
            for i in document.own(each.found)
        }
        for name in {each.detector for each in listed} - ours
    }
    return [each for each in listed if each.detector in ours or _stands(document, each, named)]


def _stands(document: Document, each: Recognised, named: dict[str, set[int]]) -> bool:
    """Whether a stock find stands to reason."""
    if each.found.entity is Entity.PHONE_NUMBER:
        return not _is_public(document, each)
    if each.found.entity is Entity.URL:
        return _is_written_url(document, each)
    if each.found.entity not in NAMES:
        return True
    if _is_company(document, each):
        return False
    own = document.own(each.found)
    if not any(document.tokens[i].text.removesuffix("'s") not in words("common") for i in own):
        return False
    others = set().union(*(places for name, places in named.items() if name != each.detector))
    if others & set(own):
        return True
    return (
        each.detector == RAMPART
        and each.found.score >= SURE
        and each.found.entity is not Entity.STREET_ADDRESS
    )


def _is_company(document: Document, each: Recognised) -> bool:
    """Whether an agent speaks of the company, of its places or of the agent in a greeting."""
    is_agent = document.tokens[each.found.first].role is Role.AGENT
    return is_agent and (each.found.entity is Entity.LOCATION or greets(document, each.found.first))


def greets(document: Document, place: int) -> bool:
    """Whether a word is said by an agent in the first sentence, or in one that introduces or discloses."""
    token, sentence = document.tokens[place], document.sentence(place)
    if document.is_mono:
        return sentence == document.reading.sentences[0] or DISCLOSES.search(sentence.text) is not None
    if token.role is not Role.AGENT:
        return False
    first = next(s for s in document.reading.sentences if document.tokens[s.first].role is Role.AGENT)
    return sentence == first or GREETING.search(sentence.text) is not None


def _is_public(document: Document, each: Recognised) -> bool:
    """Whether a telephone number is a toll-free one that an agent gives."""
    own = [document.tokens[i] for i in document.own(each.found)]
    return own[0].role is Role.AGENT and "".join(token.digits for token in own).startswith(TOLL_FREE)


def _is_written_url(document: Document, each: Recognised) -> bool:
    """Whether a web address was written, rather than two sentences without a space between them."""
    word = document.word(document.tokens[each.found.first].ref).strip(".,?!")
    return "/" in word or word.lower().startswith("www.") or not word.rpartition(".")[2][:1].isupper()
