"""The conversation as sentences in plain lower-case words, each word tied to its time.

Recognisers differ in capitals, commas, contractions and hesitations; meaning is
looked for in what is left once these are gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from compliance.records import ChannelSpan, Conversation, Role, Word

_LONG_PAUSE_MS = 2_500
"""A pause after which a new sentence begins even where none was marked."""
_LONGEST = 150
"""So many words without a full stop are a recogniser in a loop, or one that writes none."""
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
    {
        *("it", "that", "there", "what", "who", "he", "she", "here", "call", "line", "conversation"),
        *("recording", "everything", "everyone", "one", "recorder", "tape", "chat", "session", "meeting"),
        *("discussion", "interview", "audio", "name", "voice", "this", "where", "how", "nobody", "someone"),
    }
)
_ABBREVIATION = re.compile(r"^(?:[a-z]\.)+$|^(?:mr|mrs|ms|dr|st|ext|inc|co|corp|dept)\.$")
_END = re.compile(r"[.!?…]['\")\]]*$")
_EDGES = re.compile(r"^[^a-z0-9']+|[^a-z0-9'.]+$")


class Token(NamedTuple):
    """One normalised word and the time of the spoken word it came from; a tuple, for speed."""

    start_ms: int
    end_ms: int
    text: str
    is_before_comma: bool = False

    def __repr__(self) -> str:
        """Its times alone: what was said stays out of reprs."""
        return f"Token(start_ms={self.start_ms}, end_ms={self.end_ms})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of one channel, as far as the recogniser's marks and the pauses tell."""

    channel: int
    role: Role
    is_question: bool
    tokens: tuple[Token, ...] = field(repr=False)
    text: str = field(repr=False)
    """Its words joined by single spaces; patterns are searched in this."""

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

    def clause_of(self, place: int) -> int:
        """The first token of a token's clause: the one after the last comma before it."""
        while place > 0 and not self.tokens[place - 1].is_before_comma:
            place -= 1
        return place

    def clause_at(self, offset: int) -> int:
        """The offset at which the clause of a character offset begins."""
        first = self.clause_of(self.index_at(offset))
        return sum(len(token.text) + 1 for token in self.tokens[:first])

    def span(self, first: int, last: int) -> ChannelSpan:
        """The time of the tokens from first to last, both included."""
        start, end = self.tokens[first].start_ms, self.tokens[last].end_ms
        return ChannelSpan(channel=self.channel, start_ms=start, end_ms=end)

    def span_of(self, match: re.Match[str]) -> ChannelSpan:
        """The time of the words under a match in ``text``."""
        end = len(match.string[: match.end()].rstrip())
        return self.span(self.index_at(match.start()), self.index_at(max(end, match.start() + 1) - 1))

    @property
    def whole(self) -> ChannelSpan:
        """The time of all of it."""
        return self.span(0, len(self.tokens) - 1)


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
        is_over = bool(held) and word.start_ms - held[-1].end_ms > _LONG_PAUSE_MS
        if is_over or len(held) >= _LONGEST:
            yield _made(held, channel, role, is_question=False)
            held = []
        held.extend(_tokens(word, words[place - 1].text if place else ""))
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
    spelt = tuple(_spelt(tokens))
    text = " ".join(token.text for token in spelt)
    return Sentence(channel=channel, role=role, is_question=is_question, tokens=spelt, text=text)


def _spelt(tokens: list[Token]) -> Iterator[Token]:
    """Join "a i", as recognisers write the letters, into one word."""
    place = 0
    while place < len(tokens):
        here = tokens[place]
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        if here.text == "a" and after is not None and after.text in {"i", "eye"}:
            yield Token(here.start_ms, after.end_ms, "ai", after.is_before_comma)
            place += 2
        else:
            yield here
            place += 1


def _ends(text: str) -> bool:
    return bool(_END.search(text)) and not _ABBREVIATION.match(text.strip().lower())


def _tokens(word: Word, before: str) -> Iterator[Token]:
    """The tokens of a word; "uh huh" is a yes, though each half of it is none."""
    has_comma = word.text.endswith((",", ";", ":"))
    core = word.text.rstrip(".,;:?!").lower()
    if core.isascii() and core.isalpha() and core != "huh":
        # Nearly every word; the rest is taken apart below.
        for plain in _WHOLE.get(core, core).split():
            if plain not in _FILLERS:
                yield Token(word.start_ms, word.end_ms, plain, has_comma)
        return
    for part in re.split(r"[-\s/]+", word.text.lower().replace("\u2019", "'")):
        for plain in _plain(_EDGES.sub("", part)).split():
            if plain == "huh" and _EDGES.sub("", f"{before} {word.text}".lower()).startswith("uh"):
                plain = "yes"
            if plain not in _FILLERS:
                yield Token(word.start_ms, word.end_ms, plain, has_comma)


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


def plain(text: str) -> str:
    """A written text as the plain words of which sentences are made."""
    words = (Word(start_ms=0, end_ms=0, channel=0, confidence=1.0, text=each) for each in text.split())
    return " ".join(token.text for token in _spelt([token for word in words for token in _tokens(word, "")]))
