"""The nouns of the service: frozen values that pass from stage to stage.

Nothing here does work and nothing here imports the rest of the package.  Text
that was spoken is kept out of every ``repr``, and so out of logs, tracebacks
and failed assertions.  Time is whole milliseconds from the start of the
recording, half-open: a span covers ``start_ms`` up to, not including, ``end_ms``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

RecordingId = NewType("RecordingId", str)
"""``rec_`` and 32 hex digits; the only name under which outputs are stored."""

FindingId = NewType("FindingId", str)
"""``f`` and a number, unique within one recording, in time order."""


class Stage(StrEnum):
    """The steps of the pipeline, in the order in which they run."""

    INTAKE = "intake"
    TRANSCRIBE = "transcribe"
    DETECT = "detect"
    CONSENT = "consent"
    REDACT = "redact"
    VERIFY = "verify"
    RELEASE = "release"

    @property
    def following(self) -> Stage | None:
        """The stage after this one, or None after the last."""
        order = list(Stage)
        place = order.index(self) + 1
        return order[place] if place < len(order) else None


class State(StrEnum):
    """Where a recording stands."""

    RECEIVED = "received"
    """Known, its egress not over or its first stage not begun."""
    PROCESSING = "processing"
    HELD = "held"
    """Waits for a person; see its reasons."""
    RELEASED = "released"
    DESTROYED = "destroyed"
    ABSENT = "absent"
    """LiveKit ended the egress without a usable file."""


class Role(StrEnum):
    """Who speaks on a channel."""

    AGENT = "agent"
    CALLER = "caller"
    UNKNOWN = "unknown"
    """Several people, or nobody knows who."""


class AgentKind(StrEnum):
    """Whether the agent's side is a machine; decides which AI-disclosure rules apply."""

    AI = "ai"
    HUMAN = "human"


class Entity(StrEnum):
    """What a finding is: Presidio's names where it has one, ours beside them."""

    CREDIT_CARD = "CREDIT_CARD"
    CARD_VERIFICATION_CODE = "CARD_VERIFICATION_CODE"
    CARD_EXPIRY = "CARD_EXPIRY"
    PIN = "PIN"
    US_SSN = "US_SSN"
    SSN_LAST4 = "SSN_LAST4"
    US_ITIN = "US_ITIN"
    PHONE_NUMBER = "PHONE_NUMBER"
    EMAIL_ADDRESS = "EMAIL_ADDRESS"
    PERSON = "PERSON"
    STREET_ADDRESS = "STREET_ADDRESS"
    CITY = "CITY"
    LOCATION = "LOCATION"
    ZIP_CODE = "ZIP_CODE"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    DATE_TIME = "DATE_TIME"
    AGE = "AGE"
    NRP = "NRP"
    US_BANK_NUMBER = "US_BANK_NUMBER"
    ACCOUNT_NUMBER = "ACCOUNT_NUMBER"
    ROUTING_NUMBER = "ROUTING_NUMBER"
    IBAN_CODE = "IBAN_CODE"
    CRYPTO = "CRYPTO"
    US_DRIVER_LICENSE = "US_DRIVER_LICENSE"
    US_PASSPORT = "US_PASSPORT"
    VEHICLE_ID = "VEHICLE_ID"
    MEDICAL_LICENSE = "MEDICAL_LICENSE"
    MEDICAL_RECORD_NUMBER = "MEDICAL_RECORD_NUMBER"
    HEALTH_PLAN_NUMBER = "HEALTH_PLAN_NUMBER"
    MEDICAL_CONDITION = "MEDICAL_CONDITION"
    MEDICATION = "MEDICATION"
    USERNAME = "USERNAME"
    PASSWORD = "PASSWORD"
    IP_ADDRESS = "IP_ADDRESS"
    URL = "URL"
    DTMF = "DTMF"
    UNREAD_SPEECH = "UNREAD_SPEECH"
    NUMBER = "NUMBER"
    """A run of digits that no harmless reading explains; cut, whatever it is."""
    CUSTOM = "CUSTOM"
    """What a profile's own pattern or word list names; its ``why`` tells which."""


class Method(StrEnum):
    """What is heard in place of the original inside a cut."""

    TONE = "tone"
    NOISE = "noise"
    """Comfort noise: the hiss of a quiet line, by which a cut is told from a lost connection."""
    SILENCE = "silence"


class Action(StrEnum):
    """What a profile does with one kind of finding."""

    CUT = "cut"
    KEEP = "keep"
    KEEP_LAST_FOUR = "keep_last_four"
    """Cut from the sound; in the text the last four digits stay."""
    KEEP_FIRST_THREE = "keep_first_three"
    """Cut from the sound; in the text the first three digits of a ZIP code stay."""
    REVIEW = "review"
    """Cut, and put up for a person to look at."""

    @property
    def cuts(self) -> bool:
        """Whether it is gone from the sound, whatever of it stays in the text."""
        return self is not Action.KEEP


class Originals(StrEnum):
    """What becomes of the source object once the redacted recording is verified."""

    DESTROY = "destroy"
    VAULT = "vault"
    KEEP = "keep"


class Outcome(StrEnum):
    """How the question of consent was answered."""

    SATISFIED = "satisfied"
    MISSING = "missing"
    LATE = "late"
    OBJECTED = "objected"
    WITHDRAWN = "withdrawn"
    UNCERTAIN = "uncertain"


class AiOutcome(StrEnum):
    """How the question was answered whether a machine said that it is one."""

    NOT_REQUIRED = "not_required"
    """No rule of the places asks for it here, or a person spoke."""
    SATISFIED = "satisfied"
    LATE = "late"
    MISSING = "missing"
    UNTRUE = "untrue"
    """Asked, the machine said that it is a person."""
    UNCERTAIN = "uncertain"


class Act(StrEnum):
    """What is done with a recording for the sake of consent, as ``obligations.yaml`` orders it."""

    CUT_BEFORE_NOTICE = "cut_before_notice"
    CUT_AFTER_OBJECTION = "cut_after_objection"
    RELEASE = "release"
    KEEP_MARKED = "keep_marked"
    """Released, its manifest saying that consent was not satisfied."""
    HOLD = "hold"
    DESTROY = "destroy"


class Purpose(StrEnum):
    """What somebody reads something for, as they say; a closed list, since free words could name people.

    An access is to be limited to its purpose (45 CFR 164.502(b); GDPR Art. 5(1)(b)).
    """

    OPERATIONS = "operations"
    QUALITY = "quality"
    COMPLAINT = "complaint"
    INVESTIGATION = "investigation"
    LITIGATION = "litigation"
    REGULATOR = "regulator"
    SUBJECT_REQUEST = "subject_request"
    SECURITY = "security"
    AUDIT = "audit"


class Decision(StrEnum):
    """What happens to the recording at the end."""

    RELEASED = "released"
    HELD = "held"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Span:
    """A stretch of time, half-open."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        """Its length in milliseconds."""
        return self.end_ms - self.start_ms

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least a millisecond."""
        return self.start_ms < other.end_ms and other.start_ms < self.end_ms

    def without(self, others: Iterable[Span]) -> Iterator[Span]:
        """What is left of it when others are taken out, in order."""
        at_ms = self.start_ms
        for each in sorted(others):
            if each.end_ms <= at_ms or each.start_ms >= self.end_ms:
                continue
            if each.start_ms > at_ms:
                yield Span(start_ms=at_ms, end_ms=each.start_ms)
            at_ms = max(at_ms, each.end_ms)
        if at_ms < self.end_ms:
            yield Span(start_ms=at_ms, end_ms=self.end_ms)


def joined(spans: Iterable[Span], *, gap_ms: int = 0) -> tuple[Span, ...]:
    """Spans in order, those joined that meet or lie within a gap of each other."""
    out: list[Span] = []
    for span in sorted(spans):
        if out and span.start_ms - out[-1].end_ms <= gap_ms:
            out[-1] = Span(start_ms=out[-1].start_ms, end_ms=max(out[-1].end_ms, span.end_ms))
        else:
            out.append(span)
    return tuple(out)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ChannelSpan:
    """A stretch of time on one channel (0 is left)."""

    channel: int
    start_ms: int
    end_ms: int

    @property
    def span(self) -> Span:
        """The stretch without its channel."""
        return Span(start_ms=self.start_ms, end_ms=self.end_ms)

    def overlaps(self, other: ChannelSpan) -> bool:
        """Whether the two are of one channel and share at least a millisecond."""
        return self.channel == other.channel and self.span.overlaps(other.span)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One spoken word.  Its text stays out of reprs, and so out of logs."""

    start_ms: int
    end_ms: int
    channel: int
    confidence: float
    """0 to 1, the recogniser's own estimate."""
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Consecutive words of one channel; turns of all channels in time order are the conversation."""

    channel: int
    words: tuple[Word, ...]

    @property
    def start_ms(self) -> int:
        """Where its first word begins."""
        return self.words[0].start_ms

    @property
    def end_ms(self) -> int:
        """Where its last word ends."""
        return self.words[-1].end_ms

    @property
    def text(self) -> str:
        """The words joined by single spaces."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel of the recording: who speaks there, in what language, and where voice was heard."""

    index: int
    role: Role
    language: str | None
    """ISO 639-1, or None where there was too little speech to tell."""
    language_probability: float
    voiced: tuple[Span, ...]
    """Where a voice was heard, whether or not it was read."""
    hears: tuple[int, ...] = ()
    """Channels whose speaker leaks into this one and is heard here too."""
    keyed: tuple[Span, ...] = ()
    """Where keypad tones were heard, one span a key."""
    toned: tuple[Span, ...] = ()
    """Where a recorder's warning tone was heard, one span a series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What was said: the turns of every channel in order of their start."""

    duration_ms: int
    channels: tuple[Channel, ...]
    turns: tuple[Turn, ...]

    @property
    def is_typed(self) -> bool:
        """Whether every word is sure, as in text that no recogniser read."""
        return all(word.confidence == 1.0 for turn in self.turns for word in turn.words)

    def role_of(self, channel: int) -> Role:
        """Who speaks on a channel; unknown for a channel that is not listed."""
        return next((each.role for each in self.channels if each.index == channel), Role.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """How one channel of a recording sounds, measured and not judged."""

    peak_db: float
    """Its loudest sample, in dBFS."""
    sounding_ms: int
    """How long it is louder than a quiet line."""
    clipped_ms: int
    """How long it stands at full scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The state in which a recording was found, before anything was done to it."""

    sides: tuple[Side, ...]
    """One for each channel."""
    is_mix: bool
    """Whether two channels carry the same: both sides of the call on each, whatever was asked for."""
    gaps: tuple[Span, ...]
    """Where the clock says that sound is missing; silence stands there."""
    broken: tuple[Span, ...]
    """Those of the gaps that have sound right before and right after: speech is missing."""
    drift_ms: int
    """How far the clock is ahead of the sound at its end, gaps filled; negative: behind."""
    tail_ms: int
    """Silence at the end, on every channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment of a recording that came as several, joined bytewise in this order."""

    size_bytes: int
    duration_ms: int
    """As the playlist tells it."""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One media file of a recording, as probed and hashed."""

    index: int
    sha256: str
    size_bytes: int
    container: str
    """One of the names in ``redact.media.CONTAINERS``: ogg, wav, flac, mp3, mp4, webm, mpegts."""
    codec: str
    rate: int
    """Samples per second of the audio stream."""
    channels: int
    duration_ms: int
    told_ms: int | None = None
    """The duration that the recorder claimed, where it did."""
    health: Health | None = None
    segments: tuple[Segment, ...] = ()
    """What it was joined from; none where it came as one file."""
    offset_ms: int = 0
    """Where it begins in the call; the earliest file of a call begins at 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """Where one channel of a call lies: in which file, and on which of its channels."""

    source: int
    """The file, by its place among the sources."""
    channels: tuple[int, ...]
    """Both of a file that carries the same on both, as Egress writes one participant's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """Something told of where a party is, beside the number; not read yet, and out of reprs."""

    evidence: str
    """Where it was told: ``number`` (a second one), ``attribute``, ``sip_header`` or ``declared``."""
    value: str = field(repr=False)
    """As it came: a place (US-CA, California) or a telephone number, bare or in a SIP address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """What is known of who was on one side, before the audio is heard."""

    role: Role
    number: str | None = field(repr=False)
    """E.164, or None when withheld or never given."""
    channel: int | None
    joined_ms: int | None
    """When they joined, from the start of the recording; negative: were there already."""
    clues: tuple[Clue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One call's recording, as intake made it."""

    id: RecordingId
    profile: str
    agent_kind: AgentKind
    roles: tuple[Role, ...]
    """One for each channel."""
    parties: tuple[Party, ...]
    started_at_ms: int | None
    """Unix time of the first sample, where LiveKit told it."""
    egress_id: str | None = None
    room_sid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class WordRef:
    """The place of a word in a conversation."""

    turn: int
    word: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A stretch of speech that may have to go, and why.  It never holds what was said."""

    id: FindingId
    source: int
    entity: Entity
    channel: int
    start_ms: int
    end_ms: int
    score: float
    detector: str
    """Name of the recogniser that found it."""
    why: str
    """Rule and context in our words, never the value."""
    action: Action
    words: tuple[WordRef, ...] = field(repr=False, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A stretch of sound that is replaced."""

    source: int
    channel: int | None
    """None for every channel."""
    start_ms: int
    end_ms: int
    method: Method
    why: str
    findings: tuple[FindingId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A jurisdiction that may govern the call, and the evidence for it."""

    jurisdiction: str
    """``US-CA``, ``US`` (federal), ``CA-ON``, ``DE`` or ``unknown``."""
    role: Role
    evidence: str
    """How it is known, or why it is not.

    From a number: area_code, country_code, toll_free, non_geographic, unassigned, malformed.
    Told: attribute, sip_header, declared, recorder_region.  Nothing told: withheld, not_given.
    """
    is_weak: bool
    """Whether the person may well have been elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRef:
    """The exact version of a policy file that was used."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AiDuty:
    """One law that asks a machine to say that it is one, and how it was met."""

    jurisdiction: str
    citation: str
    when: str
    """at-start or on-request."""
    confidence: str
    outcome: AiOutcome
    policy: PolicyRef | None
    """The file it stands in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AiVerdict:
    """Whether a machine said that it is one, as the laws of the places ask."""

    outcome: AiOutcome
    """The worst of its duties'; or ``untrue``, whatever they are."""
    sentence: str
    duties: tuple[AiDuty, ...]
    questions: tuple[ChannelSpan, ...]
    """Where it was asked whether a person speaks."""
    answers: tuple[ChannelSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the recording was lawful to make, by which rule, and on what evidence."""

    outcome: Outcome
    sentence: str
    """The ground of the outcome."""
    rule: str
    """one-party or all-party: the strictest that may apply."""
    jurisdiction: str
    """The one whose rule was applied."""
    citation: tuple[str, ...]
    confidence: str
    """How well the rule itself is established: verified, secondary or memory."""
    policy: PolicyRef | None
    """The file the rule stands in; None where the strictest reading stands in for one."""
    day: str
    """The day whose law was applied, as YYYY-MM-DD."""
    ai: AiVerdict
    reasoning: tuple[str, ...]
    """Sentences in our words that lead from the facts to both outcomes and to what is done."""
    places: tuple[Place, ...]
    notice: tuple[ChannelSpan, ...]
    tones: tuple[ChannelSpan, ...]
    """Where a recorder's warning tone was heard."""
    ai_disclosure: tuple[ChannelSpan, ...]
    consent: tuple[ChannelSpan, ...]
    objection: tuple[ChannelSpan, ...]
    obligations: tuple[str, ...]
    """What still has to be done, as stable words."""
    acts: tuple[Act, ...]
    """What is done with the recording: cuts first, and last how it ends."""
    cut: tuple[ChannelSpan, ...]
    """What goes by those cuts; nothing that is protected."""
    facts_sha256: str
    """Digest of the facts it was judged by, in their canonical form."""
    policies: tuple[PolicyRef, ...]

    @property
    def protected(self) -> tuple[ChannelSpan, ...]:
        """The spans in which notice or consent was given; they are never cut."""
        return tuple(sorted(self.notice + self.ai_disclosure + self.consent))

    @property
    def ending(self) -> Act:
        """How the recording ends, as far as consent decides it; held where nothing was ordered."""
        return self.acts[-1] if self.acts else Act.HOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """Something that was to be removed and was heard again."""

    channel: int
    start_ms: int
    end_ms: int
    entity: Entity
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was checked again, how, and what was still there."""

    is_clean: bool
    passes: int
    checks: tuple[str, ...]
    """Stable words: samples_in_cuts, samples_outside_cuts, relistened, duration, metadata.

    packets_outside_cuts stands among them where the packets outside the cuts are the
    original's; where it does not, they were encoded again or are samples.
    """
    relistened_ms: int
    residual: tuple[Residual, ...]


class Kept(StrEnum):
    """How the sound outside the cuts went over."""

    PACKETS = "packets"
    """Packets were copied, byte for byte."""
    SAMPLES = "samples"
    """Samples are equal, bit for bit."""
    ENCODED_AGAIN = "encoded_again"
    """All of it was encoded anew; that it is the same to the ear is judged by its sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Leaves in a row that differ between a recording and its redacted copy."""

    first: int
    last: int
    """The last one included."""
    start_ms: int
    end_ms: int
    nodes: tuple[str, ...]
    """The original's subtrees over these leaves, from the left, SHA-256 in hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """Two hash trees (RFC 6962) over the leaves of a recording, and where they differ.

    From the redacted recording and the nodes under what changed, anybody can compute the
    original's root: nothing but the leaves listed was touched.
    """

    step: int
    """Samples a leaf, at ``rate``."""
    rate: int
    size: int
    """Leaves, in both."""
    lead: int
    """Leaves at the start that change together or not at all."""
    original: str
    """The original's root, SHA-256 in hex."""
    redacted: str
    changed: tuple[Changed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unaltered:
    """What can be shown of the sound and the picture outside the cuts."""

    kept: Kept
    why: str | None
    """Why it was encoded again, as a stable word: codec or pace; else None."""
    trees: Trees | None
    """None where it was encoded again."""
    picture: str | None
    """The root over the picture's packets, the same in both; None without a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A file the run wrote, by name and digest."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRef:
    """The exact weights that were used."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """How the run ended, with the reasons as stable words."""

    decision: Decision
    reasons: tuple[str, ...]
    by: str | None = None
    """Who released it: ``pipeline``, or a person's id; None where nobody did."""
    searched: tuple[str, ...] = ()
    """Files and records in which every removed value was looked for and not found."""
