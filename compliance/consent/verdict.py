"""A conversation judged: its facts, without a word of it, and the verdict upon them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from compliance.consent import phone
from compliance.consent.decide import decide
from compliance.consent.facts import facts_of
from compliance.consent.jurisdiction import Locate
from compliance.consent.law import Law
from compliance.consent.obligations import HOLDING, Orders
from compliance.records import Conversation, Place, Recording, Verdict


def judge(
    conversation: Conversation,
    recording: Recording,
    law: Law,
    *,
    on_date: date,
    declared: Sequence[Place] = (),
    locate: Locate = phone.locate,
    orders: Orders = HOLDING,
) -> Verdict:
    """Whether the recording was lawful to make, under the strictest rule that may apply on that day."""
    facts = facts_of(conversation, recording, law, on_date=on_date, declared=declared, locate=locate)
    return decide(facts, law, orders)
