"""The conversation as sentences in plain lower-case words, each word tied to its time.

Recognisers differ in capitals, commas, contractions and hesitations; meaning is
looked for in what is left once these are gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from compliance.records import ChannelSpan, Conversation, Role, Word

_LONG_PAUSE_MS = 2_500
"""A pause after which a new sentence begins even where none was marked."""
_FILLERS = frozenset({"um", "uh", "er", "erm", "ah", "hm", "hmm", "mm", "mhm"})
_WHOLE = {
    "can't": "can not",
    "cannot": "can not",
    "won't": "will not",
    "let's": "let us",
    "today's": "today",
    "gonna": "going to",
    "wanna": "want to",
    "a.i": "ai",
    "a.i.": "ai",
    "dont": "do not",
    "im": "i am",
    "alright": "all right",
    "o.k": "ok",
    "o.k.": "ok",
    "okay": "ok",
    "cellphone": "cell phone",
    "recoded": "recorded",
    "re-recorded": "recorded",
}
_ENDINGS = (
    ("n't", " not"),
    ("'re", " are"),
    ("'ll", " will"),
    ("'ve", " have"),
    ("'m", " am"),
    ("'d", " would"),
)
_IS_AFTER = frozenset(
    {"it", "that", "there", "what", "who", "he", "she", "here", "call", "line", "conversation", "recording"}
)
_ABBREVIATION = re.compile(r"^(?:[a-z]\.)+$|^(?:mr|mrs|ms|dr|st|no|ext|inc|co|corp|dept)\.$")
_END = re.compile(r"[.!?…]['\")\]]*$")
_EDGES = re.compile(r"^[^a-z0-9']+|[^a-z0-9'.]+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One normalised word and the time of the spoken word it came from."""

    start_ms: int
    end_ms: int
    text: str = field(repr=False)
    is_before_comma: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of one channel, as far as the recogniser's marks and the pauses tell."""

    channel: int
    role: Role
    is_question: bool
    tokens: tuple[Token, ...] = field(repr=False)

    @property
    def text(self) -> str:
        """Its words joined by single spaces; patterns are searched in this."""
        return " ".join(token.text for token in self.tokens)

    @property
    def start_ms(self) -> int:
        """Where its first word begins."""
        return self.tokens[0].start_ms

    @property
    def end_ms(self) -> int:
        """Where its last word ends."""
        return self.tokens[-1].end_ms

    def index_at(self, offset: int) -> int:
        """The token at a character offset of ``text``."""
        return self.text.count(" ", 0, offset)

    def span(self, first: int, last: int) -> ChannelSpan:
        """The time of the tokens from first to last, both included."""
        start, end = self.tokens[first].start_ms, self.tokens[last].end_ms
        return ChannelSpan(channel=self.channel, start_ms=start, end_ms=end)


def sentences(conversation: Conversation) -> tuple[Sentence, ...]:
    """Every sentence of every channel, in order of its start.

    Channels are read one by one, so that a hum from the other side does not
    break a sentence in two.
    """
    found: list[Sentence] = []
    for channel in sorted({turn.channel for turn in conversation.turns}):
        words = [word for turn in conversation.turns if turn.channel == channel for word in turn.words]
        found.extend(_of_channel(words, channel, conversation.role_of(channel)))
    return tuple(sorted(found, key=lambda each: (each.start_ms, each.channel)))


def _of_channel(words: Sequence[Word], channel: int, role: Role) -> Iterator[Sentence]:
    held: list[Token] = []
    for place, word in enumerate(words):
        if held and word.start_ms - held[-1].end_ms > _LONG_PAUSE_MS:
            yield _made(held, channel, role, is_question=False)
            held = []
        held.extend(_tokens(word))
        if held and _ends(word.text) and not _is_torn(held, words[place + 1 : place + 2]):
            yield _made(held, channel, role, is_question="?" in word.text)
            held = []
    if held:
        yield _made(held, channel, role, is_question=False)


def _is_torn(held: Sequence[Token], following: Sequence[Word]) -> bool:
    """Whether a full stop fell between "this call" and "is recorded"."""
    return (
        held[-1].text in _IS_AFTER
        and bool(following)
        and following[0].text.lower() in {"is", "may", "will", "being"}
    )


def _made(tokens: list[Token], channel: int, role: Role, *, is_question: bool) -> Sentence:
    return Sentence(channel=channel, role=role, is_question=is_question, tokens=tuple(_spelt(tokens)))


def _spelt(tokens: list[Token]) -> Iterator[Token]:
    """Join "a i", as recognisers write the letters, into one word."""
    place = 0
    while place < len(tokens):
        here = tokens[place]
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        if here.text == "a" and after is not None and after.text == "i":
            yield Token(start_ms=here.start_ms, end_ms=after.end_ms, text="ai")
            place += 2
        else:
            yield here
            place += 1


def _ends(text: str) -> bool:
    return bool(_END.search(text)) and not _ABBREVIATION.match(text.strip().lower())


def _tokens(word: Word) -> Iterator[Token]:
    has_comma = word.text.endswith((",", ";", ":"))
    for part in re.split(r"[-\s/]+", word.text.lower().replace("\u2019", "'")):
        for plain in _plain(_EDGES.sub("", part)).split():
            if plain not in _FILLERS:
                yield Token(start_ms=word.start_ms, end_ms=word.end_ms, text=plain, is_before_comma=has_comma)


def _plain(part: str) -> str:
    """One written word as the words it stands for: "we're" is "we are"."""
    part = part.strip("'") if part not in _WHOLE else part
    if part in _WHOLE:
        return _WHOLE[part]
    part = part.rstrip(".")
    for ending, full in _ENDINGS:
        if part.endswith(ending):
            return part.removesuffix(ending) + full
    stem, is_possessive, _ = part.partition("'s")
    if is_possessive:
        return f"{stem} is" if stem in _IS_AFTER else stem
    return _WHOLE.get(part, part.replace(".", "").replace("'", ""))
