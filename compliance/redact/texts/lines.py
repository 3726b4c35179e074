"""Plain text to utterances, in bounded pieces: a line is a turn."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain, groupby

from compliance.errors import TextInvalid
from compliance.records import Role
from compliance.redact.texts.said import WORD, Piece, Utterance, bounded
from compliance.redact.texts.speakers import Speakers, label_of, names_nobody, role_of

_BREAK = re.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029]")


def decoded(chunks: Iterable[bytes]) -> Iterator[str]:
    """Bytes as text; nothing is replaced or left out.

    Raises:
        TextInvalid: they are not UTF-8; the message tells near which byte.
    """
    decoder, at = codecs.getincrementaldecoder("utf-8")(), 0
    try:
        for chunk in chunks:
            yield decoder.decode(chunk)
            at += len(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise TextInvalid(f"the text is not UTF-8, near byte {at + error.start}") from None


def lines(chunks: Iterable[str]) -> Iterator[Utterance]:
    """Each line as a turn of one party, of whom nothing is known."""
    for words in _lines(chunks):
        for group in bounded(words):
            yield Utterance(channel=0, role=Role.UNKNOWN, words=group)


def dialogue(chunks: Iterable[str]) -> Iterator[Utterance]:
    """Lines of a dialogue, each with its speaker.

    Where the first line has a label ("Agent: …"), lines have labels, and one
    without goes on with its speaker.  Else lines take turns.
    """
    heard = _Heard()
    for words in _lines(chunks):
        groups = bounded(words)
        yield from heard.began(next(groups))
        for group in groups:
            yield Utterance(channel=heard.channel, role=heard.role, words=group)


class _Heard:
    """Who speaks, line by line."""

    def __init__(self) -> None:
        """Before the first line; of two who take turns without labels the first gets channel 0."""
        self.channel, self.role = 1, Role.UNKNOWN
        self._speakers = Speakers()
        self._has_labels: bool | None = None

    def began(self, words: tuple[Piece, ...]) -> Iterator[Utterance]:
        """What the first words of a line say, once the speaker is known from them."""
        skipped, named = label_of(words)
        if self._has_labels is None:
            self._has_labels = bool(named)
        if not self._has_labels:
            self.channel, skipped, named = 1 - self.channel, skipped - len(named), ()
        label = _joined(named) if named else None
        if label:
            self.channel, self.role = self._speakers.channel(label.text), role_of(label.text)
        told = None if label is None or names_nobody(label.text) else label
        if words[skipped:] or told:
            yield Utterance(channel=self.channel, role=self.role, words=words[skipped:], label=told)


def _joined(label: tuple[Piece, ...]) -> Piece:
    """A label as one piece, without its colon."""
    text = " ".join(word.text for word in label).removesuffix(":").rstrip()
    last = label[-1] if label[-1].text != ":" else label[-2]
    return Piece(start=label[0].start, end=last.end - last.text.endswith(":"), text=text)


def _lines(chunks: Iterable[str]) -> Iterator[Iterator[Piece]]:
    """The words of each line that has any."""
    for _, placed in groupby(_placed(chunks), key=lambda each: each[0]):
        yield (word for _, word in placed)


def _placed(chunks: Iterable[str]) -> Iterator[tuple[int, Piece]]:
    """The words of a text that comes in chunks, each with its line's number and its place."""
    rest, at, line = "", 0, 0
    for chunk in chain(chunks, (None,)):
        text, end = rest + (chunk or ""), 0
        for match in WORD.finditer(text):
            if chunk is not None and match.end() == len(text):
                break  # it may go on in the next chunk
            line += _BREAK.search(text, end, match.start()) is not None
            end = match.end()
            yield line, Piece(start=at + match.start(), end=at + end, text=match[0])
        rest, at = text[end:], at + end
