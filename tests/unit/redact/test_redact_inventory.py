"""What was removed is looked for in every file that is to leave, as it may be written and said."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from compliance.lastlook import tells
from compliance.records import (
    Action,
    Channel,
    Conversation,
    Cut,
    Entity,
    Finding,
    FindingId,
    Method,
    Role,
    Turn,
    Word,
    WordRef,
)
from compliance.redact import text
from compliance.redact.inventory import Inventory
from compliance.redact.language import lines, sentences

SAID = (
    (0, "Thanks, and what is the card number?"),
    (1, "It is 4111 1111 1111 1111 and the code is four one nine"),
    (0, "Under which name?"),
    (1, "Will Okafor, I will be there at four"),
)
CUT = {
    (1, 2, 5): Entity.CREDIT_CARD,
    (1, 10, 12): Entity.CARD_VERIFICATION_CODE,
    (3, 0, 1): Entity.PERSON,
}


def call() -> Conversation:
    turns, at = [], 0
    for channel, said in SAID:
        words = []
        for word in said.split():
            words.append(Word(start_ms=at, end_ms=at + 300, channel=channel, confidence=0.9, text=word))
            at += 300
        turns.append(Turn(channel=channel, words=tuple(words)))
    channels = tuple(
        Channel(index=n, role=role, language="en", language_probability=1.0, voiced=())
        for n, role in enumerate((Role.AGENT, Role.CALLER))
    )
    return Conversation(duration_ms=at, channels=channels, turns=tuple(turns))


def found(conversation: Conversation) -> tuple[Finding, ...]:
    made = []
    for n, ((turn, first, last), entity) in enumerate(CUT.items()):
        words = conversation.turns[turn].words[first : last + 1]
        made.append(
            Finding(
                id=FindingId(f"f{n}"),
                source=0,
                entity=entity,
                channel=words[0].channel,
                start_ms=words[0].start_ms,
                end_ms=words[-1].end_ms,
                score=1.0,
                detector="test",
                why="test",
                action=Action.CUT,
                words=tuple(WordRef(turn=turn, word=w) for w in range(first, last + 1)),
            )
        )
    return tuple(made)


def cuts(findings: tuple[Finding, ...]) -> tuple[Cut, ...]:
    return tuple(
        Cut(
            source=0,
            channel=each.channel,
            start_ms=each.start_ms,
            end_ms=each.end_ms,
            method=Method.TONE,
            why=str(each.entity),
            findings=(each.id,),
        )
        for each in findings
    )


@pytest.fixture
def stock() -> Inventory:
    """The inventory of that call."""
    return Inventory(call(), found(call()), cuts(found(call())))


def files() -> dict[str, bytes]:
    """The transcript and captions as they are written."""
    findings = found(call())
    turns = text.redacted(call(), findings, cuts(findings))
    document = text.document("rec_1", call().duration_ms, call().channels, turns)
    return {
        "transcript.json": json.dumps(document).encode(),
        "transcript.txt": text.plain(turns).encode(),
        "transcript.vtt": text.vtt(turns).encode(),
        "transcript.srt": text.srt(turns).encode(),
    }


def looked_at(stock: Inventory, file: str, body: bytes) -> set[Entity]:
    return {entity for each in lines(file, body) for entity in stock.said(each)}


@pytest.mark.parametrize("file", ["transcript.json", "transcript.txt", "transcript.vtt", "transcript.srt"])
def test_the_files_as_they_are_made_hold_nothing(stock, file):
    """ "I will be there at four" stays, though Will and four were removed elsewhere."""
    assert looked_at(stock, file, files()[file]) == set()


@pytest.mark.parametrize(
    ("label", "said", "entity"),
    [
        ("CREDIT_CARD", "4111 1111 1111 1111", Entity.CREDIT_CARD),
        ("CREDIT_CARD", "4111111111111111", Entity.CREDIT_CARD),
        ("CREDIT_CARD", "4111-1111-1111-1111", Entity.CREDIT_CARD),
        (
            "CREDIT_CARD",
            "four one one one, one one one one, one one one one, one one one one",
            Entity.CREDIT_CARD,
        ),
        ("CARD_VERIFICATION_CODE", "four one nine", Entity.CARD_VERIFICATION_CODE),
        ("CARD_VERIFICATION_CODE", "419", Entity.CARD_VERIFICATION_CODE),
        ("PERSON", "Okafor", Entity.PERSON),
        ("PERSON", "Will Okafor", Entity.PERSON),
    ],
)
@pytest.mark.parametrize("file", ["transcript.json", "transcript.txt", "transcript.vtt", "transcript.srt"])
def test_a_value_left_in_place_of_its_label_is_seen(stock, file, label, said, entity):
    """However it is written or said, and though the same word stays elsewhere."""
    body = files()[file].decode()
    if file == "transcript.json":
        document = json.loads(body)
        for turn in document["turns"]:
            turn["text"] = turn["text"].replace(f"[{label}]", said)
        body = json.dumps(document)
    else:
        assert f"[{label}]" in body
        body = body.replace(f"[{label}]", said)

    assert entity in looked_at(stock, file, body.encode())


def test_an_entry_with_its_word_is_seen(stock):
    """The words of a transcript are looked at as well as its text."""
    document = json.loads(files()["transcript.json"])
    entry = next(w for turn in document["turns"] for w in turn["words"] if w.get("redacted") == "PERSON")
    entry["text"] = "Okafor"

    assert looked_at(stock, "transcript.json", json.dumps(document).encode()) == {Entity.PERSON}


@pytest.mark.parametrize(
    ("why", "is_told"),
    [
        ("16 digits answering 'card number', at 00:07.9", False),
        ("4111 1111 1111 1111 answering 'card number'", True),
        ("the name Okafor after 'under which name'", True),
        ("the code four one nine", True),
        ("a name that will be cut", False),
    ],
)
def test_sentences_of_ours_have_no_occasion_to_tell(stock, why, is_told):
    """Ids, times and digests are passed over; 419 is in no time by intent."""
    document = {
        "why": why,
        "sha256": "4111111111111111" * 4,
        "start_ms": 41900,
        "id": "rec_" + "419" * 10 + "ab",
    }

    assert bool(stock.told(list(sentences(document)))) is is_told


@pytest.mark.parametrize("name", ["Smith", "Said", "Page"])
def test_a_name_may_stand_in_a_citation_or_be_a_word_of_ours(name):
    """It holds no recording that the law cites a case of that name, or that a rule is told in that word."""
    given = call()
    words = list(given.turns[3].words)
    words[1] = replace(words[1], text=f"{name},")
    named = replace(given, turns=(*given.turns[:3], replace(given.turns[3], words=tuple(words))))
    stock = Inventory(named, found(named), cuts(found(named)))
    manifest = {
        "consent": {"reasoning": ["Smith v. LoanMe, Inc.", "Cal. Penal Code § 419", "page 3"]},
        "findings": [{"why": "a name said before, or one like it"}],
    }

    assert not tells(stock, json.dumps(manifest).encode())
    manifest["findings"][0]["why"] = f"the name Will {name}"
    assert tells(stock, json.dumps(manifest).encode())


@pytest.mark.parametrize("size", [1, 7, 64])
def test_letters_in_a_file_of_sound_are_seen(stock, size):
    """A number in a tag, whatever the pieces in which the file is read."""
    body = b"\x00OpusTags" + b"\x07" * 40 + b"TITLE=WILL OKAFOR, it is" + b"4111111111111111" + b"\xff" * 40
    chunks = [body[at : at + size] for at in range(0, len(body), size)]

    assert Entity.CREDIT_CARD in stock.written(chunks)
    assert stock.written([body.replace(b"4111", b"\x00\x01\x02\x03")]) == {Entity.PERSON}
    assert stock.written([body.replace(b"4111", b"\x00").replace(b"WILL", b"Mr")]) == set()


def test_nothing_of_a_value_is_in_a_repr(stock):
    """Values are held, and never shown."""
    assert all("kafor" not in repr(each) and "4111" not in repr(each) for each in stock.values)
