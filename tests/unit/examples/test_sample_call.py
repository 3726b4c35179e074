"""The sample call: its parts fit each other, and nothing in it is anybody's."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

SAMPLE = Path(__file__).parents[3] / "examples" / "sample-call"
SIDES = {"agent": 0, "caller": 1}


@pytest.fixture(scope="module")
def truth():
    """What was said when."""
    return json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))[0]


@pytest.fixture(scope="module")
def sound():
    """The call's samples, by channel."""
    with av.open(str(SAMPLE / "call.ogg")) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.rate, stream.channels) == ("opus", 48_000, 2)
        return np.concatenate([frame.to_ndarray() for frame in container.decode(stream)], axis=1)


def spans(truth):
    """The sensitive phrases, each with the channel it is heard on."""
    return [(SIDES[each["channel"]], span) for each in truth["utterances"] for span in each["spans"]]


def webhook(name):
    """One of the bodies LiveKit would post."""
    return json.loads((SAMPLE / "webhooks" / f"{name}.json").read_text(encoding="utf-8"))


def test_it_lasts_as_long_as_the_truth_says(truth, sound):
    """To the sample."""
    assert sound.shape[1] == truth["duration"] * 48_000


def test_it_is_small_and_of_a_length_to_listen_to(truth):
    """60 to 90 seconds, a megabyte at most."""
    assert 60 <= truth["duration"] <= 90
    assert (SAMPLE / "call.ogg").stat().st_size < 1_000_000


def test_no_packet_of_a_channel_is_digital_silence(sound):
    """A line has a floor of noise."""
    packets = sound[:, : sound.shape[1] // 960 * 960].reshape(2, -1, 960)

    assert np.abs(packets).max(axis=2).min() > 0


def test_words_are_louder_than_the_line_and_than_the_other_channel(truth, sound):
    """Which they are not if the times or the channels are wrong."""
    for channel, span in spans(truth):
        for word in span["words"]:
            start, end = (round(word[edge] * 48_000) for edge in ("start", "end"))
            level = np.sqrt(np.mean(sound[:, start:end] ** 2, axis=1))
            assert level[channel] > 10 ** (-42 / 20)
            assert level[channel] > 10 * level[1 - channel]


def test_words_follow_each_other_within_their_span(truth):
    """In order, without overlap, from its start to its end."""
    for _, span in spans(truth):
        words = span["words"]
        assert (words[0]["start"], words[-1]["end"]) == (span["start"], span["end"])
        assert all(word["start"] < word["end"] for word in words)
        assert all(one["end"] <= two["start"] for one, two in pairwise(words))


def test_the_card_is_read_in_full_and_passes_its_check_digit(truth):
    """From its parts, the slip of the tongue left out."""
    value = truth["entities"]["card"]["value"]
    parts = [span for _, span in spans(truth) if span.get("entity") == "card" and not span.get("misspoken")]
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(value))]

    assert "".join(word["digits"] for span in parts for word in span["words"]) == value
    assert sum(each // 10 + each % 10 for each in doubled) % 10 == 0


def test_telephone_numbers_are_from_the_range_for_fiction(truth):
    """555-0100 to 555-0199."""
    spoken = [span["value"] for _, span in spans(truth) if span["label"] == "PHONE_NUMBER"]

    assert spoken
    for number in [*spoken, truth["agent_number"], truth["caller_number"]]:
        assert number[-7:].startswith("55501")


def test_notice_and_disclosure_come_first(truth):
    """Before anything sensitive is said."""
    first = min(span["start"] for _, span in spans(truth))

    assert truth["legal"]["notice"]["end"] < first
    assert truth["legal"]["ai_disclosure"]["end"] < first


def test_the_webhooks_tell_of_this_file(truth):
    """Its size and duration, in one egress and one room."""
    joined, started, ended = (
        webhook(name) for name in ("participant_joined", "egress_started", "egress_ended")
    )
    (result,) = ended["egressInfo"]["fileResults"]

    assert int(result["size"]) == (SAMPLE / "call.ogg").stat().st_size
    assert int(result["duration"]) == round(truth["duration"] * 1e9)
    assert int(result["endedAt"]) - int(result["startedAt"]) == int(result["duration"])
    assert result["filename"].startswith(f"recordings/{joined['room']['name']}/")
    assert started["egressInfo"]["egressId"] == ended["egressInfo"]["egressId"]
    assert len({each["room"]["sid"] for each in (joined, started, ended)}) == 1
    assert joined["participant"]["attributes"]["sip.phoneNumber"] == truth["caller_number"]
    assert joined["participant"]["attributes"]["sip.trunkPhoneNumber"] == truth["agent_number"]
