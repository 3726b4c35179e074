"""The forms in which a truth may be written, checked at the door; docs/evaluation.md describes them.

Three are known: calls with ``spans``, calls whose utterances are labelled as a whole, and
files of nothing but one number.  What a form does not name is ignored.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from compliance.evaluate.stretches import Interval
from compliance.evaluate.truth import AGENT, ALIASES, CALLER, LABELS
from compliance.records import AgentKind


def _known(label: str) -> str:
    """The label by its own name."""
    if ALIASES.get(label, label) not in LABELS:
        raise ValueError("a label that is not known; docs/evaluation.md lists them")
    return ALIASES.get(label, label)


Seconds = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Label = Annotated[str, AfterValidator(_known)]
Number = Annotated[str, Field(pattern=r"^\+[1-9]\d{5,14}$")]


class Form(BaseModel):
    """Unknown keys are ignored: a truth may tell more than is scored."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Timed(Form):
    """A stretch in seconds from the start of the file."""

    start: Seconds
    end: Seconds

    @model_validator(mode="after")
    def _is_forward(self) -> Timed:
        if self.end < self.start:
            raise ValueError("it ends before it starts")
        return self

    @property
    def interval(self) -> Interval:
        """It in milliseconds."""
        return round(self.start * 1000), round(self.end * 1000)


class WordForm(Timed):
    """A word, and the digits it stands for."""

    digits: str | None = Field(repr=False, default=None)


class SpanForm(Timed):
    """A sensitive phrase."""

    label: Label
    text: str = Field(repr=False, default="")
    value: str = Field(repr=False, default="")
    words: list[WordForm] = []
    entity: str | None = None
    offset: int = Field(ge=0, default=0)
    optional: bool = False
    misspoken: bool = False
    last_four_only: bool = False


class ControlForm(Timed):
    """A harmless number."""

    kind: str


class Sided(Form):
    """Something that one of the parties said."""

    channel: Literal["agent", "caller"]

    @property
    def side(self) -> int:
        """Its channel in a stereo call."""
        return AGENT if self.channel == "agent" else CALLER


class UtteranceForm(Timed, Sided):
    """What one party said in one go; ``spans``, or in the older form a label of the whole."""

    spans: list[SpanForm] | None = None
    controls: list[ControlForm] = []
    label: Label | None = None
    pii: bool = False
    pii_start: Seconds | None = None
    pii_end: Seconds | None = None
    words: list[WordForm] = []
    digits: str = Field(repr=False, default="")


class EntityForm(Form):
    """A number that is said more than once or in parts."""

    value: str = Field(repr=False, default="")


class LineForm(Form):
    """What was done to the sound."""

    crosstalk: float | None = None


class MarkForm(Form):
    """Where something of legal weight was said; without times, it was not."""

    channel: Literal["agent", "caller"] = "agent"
    start: Seconds | None = None
    end: Seconds | None = None

    @property
    def side(self) -> int:
        """Its channel in a stereo call."""
        return AGENT if self.channel == "agent" else CALLER


class ReplyForm(Form):
    """What was answered to the question whether a person speaks."""

    truthful: bool | None = None


class QuestionForm(MarkForm):
    """Where the caller asked whether a person speaks."""

    answer: ReplyForm | None = None


class ExpectedForm(Form):
    """The verdict that a careful reader comes to."""

    consent: Literal["satisfied", "missing", "withdrawn"] | None = None


class LegalForm(Form):
    """What was said of legal weight, and what follows."""

    notice: MarkForm | None = None
    ai_disclosure: MarkForm | None = None
    consent_answer: MarkForm | None = None
    objection: MarkForm | None = None
    human_question: QuestionForm | None = None
    expected: ExpectedForm = ExpectedForm()


class CallForm(Form):
    """A call."""

    id: str = Field(pattern=r"^[\w.-]{1,100}$")
    duration: Seconds
    files: list[str] = []
    layout: Literal["stereo", "mono"] | None = None
    utterances: list[UtteranceForm]
    entities: dict[str, EntityForm] = {}
    line: LineForm = LineForm()
    legal: LegalForm | None = None
    agent_kind: AgentKind = AgentKind.AI
    agent_number: Number | None = Field(repr=False, default=None)
    caller_number: Number | None = Field(repr=False, default=None)


class DigitsForm(Form):
    """A file of one number, in one voice."""

    file: str = Field(pattern=r"^[\w.-]{1,100}$")
    kind: Label
    duration: Seconds
    words: list[WordForm] = Field(min_length=1)
