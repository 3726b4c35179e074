"""The scoring of what is found in text, and the reading of its corpora."""

from __future__ import annotations

import json

import pytest

from benchmarks import texts
from benchmarks.coverage import Recall, found, precision, recall
from benchmarks.finders import Hit, Rules, ours
from benchmarks.kinds import Tally, by_kind, whatever_kind
from benchmarks.misses import around, wrong
from benchmarks.text import runs, tables
from benchmarks.text_cost import grown, recognition_rtf, speed
from benchmarks.text_memory import different, resident_mb
from benchmarks.transcripts import PAUSE_MS, WORD_MS, line, transcript
from benchmarks.wanted import names, of_kind, people_but_the_agent, private_numbers
from compliance.records import Role


def hit(kind, *places, score=1.0):
    """A find of these words."""
    return Hit(kind=kind, places=frozenset(places), detector="test", score=score)


def labelled(text, *labels):
    """A line in which each of these words or phrases is labelled."""
    spans = [(text.index(said), text.index(said) + len(said), kind) for said, kind in labels]
    return line("line", text, spans)


CALL = labelled("I am Ann Lee of Rome", ("Ann Lee", "PERSON"), ("Rome", "GPE"))


def test_words_keep_their_place_in_the_text():
    """Line breaks and runs of spaces part words, as spaces do."""
    made = line("a", "one  two\nthree", [(5, 10, "X")])

    assert [made.text[a:b] for a, b in made.bounds] == ["one", "two", "three"]
    assert made.truths[0].places == {1, 2}
    assert made.said([2, 0]) == "one three"


def test_a_mark_without_a_letter_is_no_part_of_a_mention():
    """A dash between groups of digits is not a secret."""
    assert line("a", "45 # 4 -", [(0, 6, "X"), (7, 8, "X")]).truths[0].places == {0, 2}


def test_turns_follow_each_other_on_their_channels():
    """Agent left, caller right, with made-up times."""
    text = "hello there\n\nhi"
    made = transcript("a", text, [((0, 11), Role.AGENT), ((12, 12), Role.AGENT), ((13, 15), Role.CALLER)], ())
    first, second = made.conversation.turns

    assert (first.channel, second.channel) == (0, 1)
    assert second.start_ms == 2 * WORD_MS + PAUSE_MS
    assert made.conversation.role_of(1) is Role.CALLER


def test_a_line_is_of_nobody_knows_whom():
    """One channel, whose speaker is unknown."""
    assert [each.role for each in CALL.conversation.channels] == [Role.UNKNOWN]


def test_recall_counts_mentions_in_part_whole_and_in_words():
    """A name of which the second half stays was not found whole; another kind's name covers all the same."""
    scored = [(CALL, [hit("PERSON", 2), hit("LOCATION", 5)])]

    assert recall(scored, of_kind("PERSON")) == Recall(mentions=1, touched=1, words=2, covered=1)
    assert recall([(CALL, [hit("NUMBER", 2, 3)])], of_kind("PERSON")) == Recall(
        mentions=1, touched=1, whole=1, words=2, covered=2
    )
    assert recall(scored, of_kind("PERSON", "GPE")).called == 1


def test_precision_is_of_words():
    """A word found twice counts once; kinds may be picked."""
    scored = [(CALL, [hit("PERSON", 1, 2), hit("PERSON", 2), hit("AGE", 0)])]

    assert precision(scored) == (1, 3)
    assert precision(scored, {"PERSON"}) == (1, 2)
    assert found([]) == frozenset()


@pytest.mark.parametrize(
    ("tally", "figures"),
    [
        (Tally(hit=4, missed=1, false=0), (1.0, 0.8, 20 / 24)),
        (Tally(hit=0, missed=1, false=1), (0.0, 0.0, 0.0)),
        (Tally(), (1.0, 1.0, 0.0)),
    ],
)
def test_f2_weighs_recall_four_times(tally, figures):
    """5PR / (4P + R)."""
    assert (tally.precision, tally.recall, tally.f2) == pytest.approx(figures)


def test_a_place_may_be_called_by_its_part():
    """A city found as a street address is found; the same on a name is a false alarm of streets."""
    tallies = by_kind([(CALL, [hit("STREET_ADDRESS", 5, 3)])])

    assert tallies["GPE"] == Tally(hit=1)
    assert tallies["PERSON"] == Tally(missed=2)
    assert tallies["STREET_ADDRESS"] == Tally(false=1)


def test_false_alarms_are_charged_to_what_they_were_called():
    """Under the truth's name for it; kinds that the truth does not know are not charged."""
    tallies = by_kind([(CALL, [hit("LOCATION", 0), hit("URL", 0), hit("PASSWORD", 1)])])

    assert tallies["GPE"].false == 1
    assert tallies["DOMAIN_NAME"] == Tally(false=1)
    assert "PASSWORD" not in tallies


def test_an_age_called_a_date_is_neither_right_nor_wrong():
    """It is a length of time, and stays to be found as an age."""
    text = labelled("she is 79", ("79", "AGE"))

    assert by_kind([(text, [hit("DATE_TIME", 2)])]) == {"AGE": Tally(missed=1)}


def test_whatever_it_is_called_a_sensitive_word_is_found():
    """Kinds that are not asked for are nothing to find."""
    text = labelled("Ann of Acme", ("Ann", "PERSON"), ("Acme", "ORGANIZATION"))

    assert whatever_kind([(text, [hit("NUMBER", 0), hit("PERSON", 2)])]) == Tally(hit=1, false=1)


def test_names_are_what_names_somebody():
    """Titles, kin, degrees and initials are left out, and so is what is no person."""
    said = ("Dr. Ann B Lee, Lcsw", "uncle", "Center For Well Being", "Bert")
    text = labelled(", ".join(said), *((each, "PERSON") for each in said))

    assert [text.said(each.places) for each in names(text)] == ["Ann Lee,", "Bert"]


def test_the_agent_is_whoever_the_first_turn_names():
    """Also where the caller says the name later."""
    text = "I am Ann.\nHi Ann, I am Bo."
    spans = [(5, 8, "PERSON"), (13, 16, "PERSON"), (23, 25, "PERSON")]
    call = transcript("a", text, [((0, 9), Role.AGENT), ((10, 26), Role.CALLER)], spans)

    assert [call.said(each.places) for each in people_but_the_agent(call)] == ["Bo."]
    assert len(list(people_but_the_agent(CALL))) == 1


def test_toll_free_numbers_are_a_companys():
    """With or without the country's one."""
    said = ("1-800-555-0100", "707-578-1313")
    text = labelled(" ".join(said), *((each, "PHONE_NUMBER") for each in said))

    assert [text.said(each.places) for each in private_numbers(text)] == ["707-578-1313"]


def test_misses_are_shown_in_their_words():
    """What was missed, what was found falsely, each with some words around."""
    seen = wrong([(CALL, [hit("AGE", 0)])])
    shown = [(what, kind, around(text, places)) for what, kind, _, text, places in seen]

    assert ("MISS", "PERSON", "I am [Ann] [Lee] of Rome") in shown
    assert ("FALSE", "AGE", "[I] am Ann Lee of Rome") in shown


@pytest.fixture
def data(tmp_path):
    """A folder in which each corpus has one text."""
    number = {"id": "n", "text": "my pin is one two three four", "span": [10, 28], "label": "PIN"}
    harmless = {"id": "h", "text": "room four", "span": None, "label": None}
    silver = [[4, 7, "PERSON", "Ann"], [14, 16, "PERSON", "Bo"]]
    call = {"id": "v", "transcript": "I'm Ann.\n\nI'm Bo.", "silver_spans": silver}
    turns = [
        {"speaker": "USER", "text": "call 707 578 1313", "spans": [[5, 17, "PHONE_NUMBER", "phone"]]},
        {"speaker": "SYSTEM", "text": "ask Bo Li in Rome", "spans": [[4, 9, "PERSON", "who"]]},
    ]
    span = {"start_position": 0, "end_position": 3, "entity_type": "PERSON"}
    jsonl(tmp_path / "spoken-numbers", number, harmless)
    jsonl(tmp_path / "vcon-transcripts", call)
    jsonl(tmp_path / "sgd-dialogues", {"id": "s", "turns": turns})
    (tmp_path / "presidio-synth").mkdir()
    made = json.dumps([{"full_text": "Ann left.", "spans": [span]}] * 2_000)
    (tmp_path / "presidio-synth" / "synth_dataset_v2.json").write_text(made)
    return tmp_path


def jsonl(folder, *values):
    """A folder with one file of JSON lines."""
    folder.mkdir()
    (folder / "made.jsonl").write_text("\n".join(map(json.dumps, values)))


def test_every_corpus_is_read_with_its_labels(data):
    """Places count through the whole transcript, over its turns."""
    read = {name: reader(data) for name, reader in texts.CORPORA.items()}
    said = {
        name: [[text.said(t.places) for t in text.truths] for text in each] for name, each in read.items()
    }
    dialogue = read["sgd-dialogues"][0].conversation

    assert said["spoken-numbers"] == [["one two three four"], []]
    assert said["vcon-transcripts"] == [["Ann.", "Bo."]]
    assert said["sgd-dialogues"] == [["707 578 1313", "Bo Li"]]
    assert said["presidio-synth"][0] == ["Ann"]
    assert [dialogue.role_of(turn.channel) for turn in dialogue.turns] == [Role.CALLER, Role.AGENT]


def test_a_thousand_calls_are_different_and_the_longest_come_first(data):
    """Those that are made of sentences fill up what the dialogues leave."""
    calls = list(different(data))

    assert len(calls) == 1_000
    assert len(calls[0].text) == max(len(call.text) for call in calls)
    assert resident_mb() > 1


def test_our_rules_run_without_a_model(data):
    """And every table is made of what was found."""
    who = {
        "ours": ours(Rules(), {}),
        "stock Presidio": ours(Rules(), {}),
        "our rules alone": ours(Rules(), {}),
    }
    found_by = {name: runs(reader(data)[:2], who) for name, reader in texts.CORPORA.items()}
    made = list(tables(found_by, {"resident_mb": {"0": 1, "100": 2, "1000": 2}}, 0.1))

    assert "| ours | 1 of 1 | 0 of 1 |" in made[0]
    assert "people but the agent | 1 | 100.0% | 100.0% | 100.0% | 100.0% | 95%, met |" in made[1]
    assert "| PERSON | 2 |" in made[3]


class Timed:
    """A hundred words in a second or so."""

    words = 100

    def __init__(self, cpu_s):
        self.cpu_s = cpu_s


def test_speed_is_told_against_stock_and_recognition():
    """100 words are 40 s of talk, which take 4 s at a tenth of real time."""
    made = speed([{"our rules alone": Timed(0.04), "stock Presidio": Timed(0.02), "ours": Timed(0.1)}], 0.1)

    assert "| ours | 0.1 s | 1,000 | 5.00 | 2.5% |" in made
    assert "2,000 words a second: met" in made
    assert "4 times stock: **missed**" in made
    assert "3% of recognition: met" in made


def test_growth_is_from_the_first_reading_with_transcripts():
    """What the models take is not growth."""
    assert "Target, growth under 25 MB: 4 MB, met." in grown({"resident_mb": {"0": 5, "100": 90, "1000": 94}})


def test_recognition_is_that_of_the_long_call():
    """The last column of the speed part; without it nothing can be told."""
    assert recognition_rtf("| bare: ours | 7 s, RTF 0.093 | 50 s (CPU 79 s), RTF 0.084 |\n") == 0.084
    with pytest.raises(ValueError, match="speed part"):
        recognition_rtf("")
