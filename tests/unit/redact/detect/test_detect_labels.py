"""The label of an answer is that of the question it answers: what PCI DSS forbids to keep is told by it."""

from __future__ import annotations

import pytest

from compliance.records import Channel, Conversation, Entity, Role, Turn, Word
from compliance.redact.detect.digits import digits
from compliance.redact.detect.document import Document


def conversation(*lines: str) -> Conversation:
    """A call from lines of ``A: …`` and ``C: …``, a word each half second."""
    turns, at_ms = [], 0
    for line in lines:
        channel = "AC".index(line[0])
        words = []
        for text in line[3:].split():
            words.append(Word(start_ms=at_ms, end_ms=at_ms + 400, channel=channel, confidence=0.9, text=text))
            at_ms += 500
        turns.append(Turn(channel=channel, words=tuple(words)))
    roles = (Role.AGENT, Role.CALLER)
    channels = tuple(
        Channel(index=n, role=role, language="en", language_probability=1.0, voiced=())
        for n, role in enumerate(roles)
    )
    return Conversation(duration_ms=at_ms, channels=channels, turns=tuple(turns))


@pytest.mark.parametrize(
    "question",
    [
        "And the security code on the back.",
        "And the security code on the back, please.",
        "The security code for that card?",
        "And the CVV on the card.",
        "And the three digits on the back of it.",
    ],
)
def test_a_code_asked_for_after_the_expiry_is_a_code(question: str) -> None:
    """The newest question names the answer, though it is a fragment and another stands open before it."""
    call = conversation("A: And the expiration date.", "C: September 2028.", f"A: {question}", "C: It's 317.")

    found = [each for each in digits(Document(call)) if call.turns[3].words[-1].text == "317."]

    assert found[-1].entity is Entity.CARD_VERIFICATION_CODE
