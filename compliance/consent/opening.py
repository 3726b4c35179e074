"""The opening of a call: words that meet what the law of its places asks, composed from parts.

The tenant's own certified wording is preferred.  Whether a wording says what it
must is not taken on trust: it is put through the same ears that judge the
recording afterwards, so what is advised here is what will be heard there.
English only, as those ears are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from compliance.consent.law import Disclosure
from compliance.consent.notice import Answer, Force, hear
from compliance.records import Channel, Conversation, Role, Turn, Word

_WORD_MS = 330
_PACE_MS = 300
"""How long a word sounds, the rest of its time being the gap to the next."""


class Saying(StrEnum):
    """What an opening may have to say."""

    AI_DISCLOSURE = "ai_disclosure"
    RECORDING_NOTICE = "recording_notice"
    SERVICE_PROVIDER = "service_provider"
    USE_IN_COURT = "use_in_court"
    WAY_OUT = "way_out"
    CONSENT_QUESTION = "consent_question"
    GREETING = "greeting"


class Source(StrEnum):
    """Whose words they are."""

    CERTIFIED = "certified"
    """The tenant's, from the policy files."""
    COMPOSED = "composed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A sentence or two of an opening, and what they say."""

    says: tuple[Saying, ...]
    text: str
    source: Source = Source.COMPOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What an opening has to say; the rest is courtesy and prudence."""

    is_ai: bool
    must_say_is: bool
    """Whether "may be recorded" would not do."""
    court: bool
    question: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What to say, in order, and what to say to whoever comes later."""

    parts: tuple[Part, ...]
    again: str
    """For a late joiner, and after a transfer or a pause in the recording."""

    @property
    def text(self) -> str:
        """The whole, as it is spoken."""
        return " ".join(part.text for part in self.parts)

    @property
    def question(self) -> str | None:
        """The sentence that asks for consent, where one does."""
        asked = [part.text for part in self.parts if Saying.CONSENT_QUESTION in part.says]
        return asked[0] if asked else None


_GREETING = Part(says=(Saying.GREETING,), text="Hello.")
_AI = Part(says=(Saying.AI_DISCLOSURE,), text="Hello, I am an AI assistant, not a human.")
_COURT = Part(says=(Saying.USE_IN_COURT,), text="The recording may be used in court.")
_WAY_OUT = Part(
    says=(Saying.WAY_OUT,),
    text="If you would rather not be recorded, tell me now and I will stop.",
)
_QUESTION = Part(says=(Saying.CONSENT_QUESTION,), text="Do you agree to being recorded?")
TRUE_ANSWER = "Yes, I am an AI assistant, not a human."
"""What a machine answers when it is asked whether it is one."""


@lru_cache(maxsize=256)
def opening(needs: Needs, disclosure: Disclosure) -> Opening:
    """The tenant's certified notice with whatever it lacks, or one composed where none does.

    The machine says first that it is one; then come notice, way out and question.
    """
    notice = _certified(needs, disclosure) or _notice(needs)
    court = [_COURT] if needs.court and Saying.USE_IN_COURT not in notice.says else []
    way_out = [_WAY_OUT] if notice.source is Source.COMPOSED else []
    question = [_QUESTION] if needs.question and Saying.CONSENT_QUESTION not in notice.says else []
    return Opening(
        parts=(*_greeting(needs, notice, disclosure), notice, *court, *way_out, *question),
        again=_again(needs, [notice, *court]),
    )


def _greeting(needs: Needs, notice: Part, disclosure: Disclosure) -> Iterator[Part]:
    """A machine's word that it is one, unless the notice has it; of a person, a greeting."""
    if needs.is_ai and Saying.AI_DISCLOSURE not in notice.says:
        yield next(_certified_ai(disclosure), _AI)
    elif notice.source is Source.COMPOSED:
        yield _GREETING


def _notice(needs: Needs) -> Part:
    """The notice of our own, in one sentence."""
    court = ", and the recording may be used in court" if needs.court else ""
    says = (Saying.RECORDING_NOTICE, Saying.SERVICE_PROVIDER, *([Saying.USE_IN_COURT] if needs.court else []))
    return Part(says=says, text=f"This call is being recorded and processed by a service provider{court}.")


def _again(needs: Needs, notice: Sequence[Part]) -> str:
    """The notice for those who were not there the first time."""
    is_told = any(Saying.AI_DISCLOSURE in part.says for part in notice)
    who = "" if is_told or not needs.is_ai else " I am an AI assistant, not a human."
    return f"For everyone who has just joined:{who} {' '.join(part.text for part in notice)}"


def _certified(needs: Needs, disclosure: Disclosure) -> Part | None:
    """The tenant's notice that says most of what is needed; none that says too little."""
    found = [_heard(script.text, disclosure, needs) for script in disclosure.recording_scripts]
    fitting = [part for part in found if Saying.RECORDING_NOTICE in part.says]
    return max(fitting, key=lambda part: len(part.says), default=None)


def _certified_ai(disclosure: Disclosure) -> Iterator[Part]:
    """The tenant's sentences by which a machine says that it is one, as far as they are heard to."""
    for script in disclosure.ai_scripts:
        if hear(spoken(script.text), disclosure).ai_disclosures:
            yield Part(says=(Saying.AI_DISCLOSURE,), text=script.text, source=Source.CERTIFIED)


def _heard(text: str, disclosure: Disclosure, needs: Needs) -> Part:
    """A certified wording with what is heard in it of what is needed."""
    heard = hear(spoken(text), disclosure)
    enough = {Force.IS} if needs.must_say_is else {Force.IS, Force.MAY}
    found = {
        Saying.AI_DISCLOSURE: needs.is_ai and bool(heard.ai_disclosures),
        Saying.RECORDING_NOTICE: any(notice.force in enough for notice in heard.notices),
        Saying.USE_IN_COURT: needs.court and heard.is_court_said,
        Saying.CONSENT_QUESTION: heard.answer is not Answer.NOT_ASKED,
    }
    says = tuple(saying for saying, is_said in found.items() if is_said)
    return Part(says=says, text=text, source=Source.CERTIFIED)


def spoken(*lines: str, roles: Sequence[Role] = (Role.AGENT,)) -> Conversation:
    """Lines as a conversation, by turns on each channel, one after the other at an even pace.

    An empty line is a turn in which nothing is said.
    """
    turns: list[Turn] = []
    for place, line in enumerate(lines):
        start_ms = turns[-1].end_ms + _WORD_MS if turns else 0
        words = tuple(_words(line, place % len(roles), start_ms))
        turns.extend([Turn(channel=place % len(roles), words=words)] if words else [])
    channels = tuple(
        Channel(index=index, role=role, language="en", language_probability=1.0, voiced=())
        for index, role in enumerate(roles)
    )
    end_ms = max((turn.end_ms for turn in turns), default=0)
    return Conversation(duration_ms=end_ms, channels=channels, turns=tuple(turns))


def _words(text: str, channel: int, start_ms: int) -> Iterator[Word]:
    for place, word in enumerate(text.split()):
        at_ms = start_ms + place * _WORD_MS
        yield Word(start_ms=at_ms, end_ms=at_ms + _PACE_MS, channel=channel, confidence=1.0, text=word)
