"""Utterances to findings, in windows that overlap: memory does not grow with the text.

Each window is read as a conversation of its own.  What is found is told where
there was enough before and after it to judge it by, so that the text has no seams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from compliance.records import Conversation, Finding, Role
from compliance.redact.detect.stage import Runner, detect
from compliance.redact.texts.call import call
from compliance.redact.texts.hits import Hit, hit, labelled, merged
from compliance.redact.texts.said import Utterance
from compliance.redact.treatment import Treatment

WINDOW, CONTEXT = 48_000, 5_000
"""Characters that are read at once (an hour's call is one window), and those read before and after."""

Find = Callable[[Conversation], Sequence[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """An utterance with everything that was found in it, in order."""

    said: Utterance
    hits: tuple[Hit, ...]


def finder(runner: Runner, treatment: Treatment) -> Find:
    """Detection as it runs over recordings."""
    return lambda conversation: detect(conversation, runner, treatment)


def scan(
    said: Iterable[Utterance],
    find: Find,
    treatment: Treatment,
    *,
    window: int = WINDOW,
    context: int = CONTEXT,
) -> Iterator[Scanned]:
    """Every utterance in order, with what is found in it."""
    held, size = _Held(find, treatment, context), 0
    for each in said:
        held.add(each)
        size += each.size
        if size >= window:
            yield from held.settle()
            size = held.size
    yield from held.settle(is_last=True)


@dataclass(slots=True)
class _Held:
    """Utterances that are not all told of yet."""

    find: Find
    treatment: Treatment
    context: int
    roles: dict[int, Role] = field(default_factory=dict)
    said: list[Utterance] = field(default_factory=list)
    carried: list[list[Hit]] = field(default_factory=list)
    """For each utterance, parts of findings that began before what was told of last."""
    told: int = 0
    """How many of them were told of, and are held as context alone."""

    @property
    def size(self) -> int:
        """Characters held."""
        return sum(each.size for each in self.said)

    def add(self, said: Utterance) -> None:
        """Hold one more."""
        self.said.append(said)
        self.carried.append([])
        self.roles[said.channel] = said.role

    def settle(self, *, is_last: bool = False) -> Iterator[Scanned]:
        """Read what is held, and tell of all but the context at its end; of all at the last."""
        until = len(self.said) if is_last else max(self.told, self._before(self.context))
        hits = self._hits(until)
        for n in range(self.told, until):
            yield Scanned(said=self.said[n], hits=merged([*self.carried[n], *hits[n]]))
        for n in range(until, len(self.said)):
            self.carried[n] += hits[n]
        first = min(until, self._before(self.context, end=until))
        del self.said[:first], self.carried[:first]
        self.told = until - first

    def _before(self, size: int, end: int | None = None) -> int:
        """The place from which on so many characters are held up to ``end``."""
        end = len(self.said) if end is None else end
        sizes = accumulate(each.size for each in reversed(self.said[:end]))
        return end - next((n for n, total in enumerate(sizes, 1) if total >= size), end)

    def _hits(self, until: int) -> list[list[Hit]]:
        """What is found, by utterance: all of what begins or goes on before ``until``, and was not told of.

        A finding that begins later is left to the next window, which knows more of what follows.
        """
        spoken = [n for n, each in enumerate(self.said) if each.words]
        hits: list[list[Hit]] = [[] for _ in self.said]
        if spoken:
            said = [self.said[n] for n in spoken]
            for finding in self.find(call(said, self.roles)):
                turns = sorted({ref.turn for ref in finding.words})
                if turns and spoken[turns[0]] < until:
                    for turn in turns:
                        hits[spoken[turn]].append(hit(finding, turn, said[turn].words))
        for n, each in enumerate(self.said[:until]):
            hits[n] += labelled(each, self.treatment)
        return hits
