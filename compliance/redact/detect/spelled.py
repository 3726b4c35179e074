"""Things spelled out or said in parts: e-mail addresses, web addresses, names letter by letter."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.records import Entity
from compliance.redact.detect.document import Document, Found
from compliance.redact.speech.shapes import is_shouted, spelled_word
from compliance.redact.speech.tokens import Kind, Token
from compliance.redact.words import named, words

_DOMAINS = named("spelled.domains")
_MAILERS = named("spelled.mailers")
_LINKS = named("spelled.links")
LONGEST_PAUSE_MS = 6_000
_INTRODUCES = named("spelled.introduces")
_BETWEEN = frozenset(["dot", "underscore", "dash", "hyphen", "period", "minus"])
LETTERS = 3
"""So many letters in a row spell something."""
YELLED, YELLED_NEAR = 2, 8
"""So many common words in capitals among so many words on either side: everything there is in capitals."""
WHOLE = 6
"""A written address with so many characters before its "@" has nothing more before it."""
ASKED_MS, ASKED_WORDS = 2_000, 3
"""A pause this long, with more words of the other party in it, parts an address from what was before."""
REACH = 8
"""Words before the "at" that may belong to an address."""


def addresses(document: Document) -> Iterator[Found]:
    """E-mail addresses in spoken form: "john dot smith at gmail dot com"."""
    for channel in sorted({token.channel for token in document.tokens}):
        own = [i for i, token in enumerate(document.tokens) if token.channel == channel]
        for n, i in enumerate(own):
            token = document.tokens[i]
            if not (_is_domain_end(document.tokens, own, n) or token.text in _MAILERS or "@" in token.text):
                continue
            first = _start(document, own, n)
            if first is not None:
                last = _domain_after(document.tokens, own, n)
                yield Found(
                    entity=Entity.EMAIL_ADDRESS,
                    first=own[first],
                    last=own[last],
                    score=0.9,
                    why="a spoken address",
                )


def _is_domain_end(tokens: tuple[Token, ...], own: list[int], n: int) -> bool:
    """Whether a token is "com" after "dot", or ends in ".com"."""
    text = tokens[own[n]].text
    if n and text in _DOMAINS and tokens[own[n - 1]].text in ("dot", "period"):
        return True
    return "." in text and text.rsplit(".", 1)[1] in _DOMAINS


def _domain_after(tokens: tuple[Token, ...], own: list[int], n: int) -> int:
    """The last token of a domain that goes on: "gmail" "dot" "com"."""
    while n + 2 < len(own) and tokens[own[n + 1]].text in _BETWEEN:
        n += 2
    return n


def _start(document: Document, own: list[int], n: int) -> int | None:
    """Where the address before a domain begins, or None where there is no "at" (a web address)."""
    tokens = document.tokens
    if "@" in tokens[own[n]].text and not tokens[own[n]].text.startswith("@"):
        return _local_part(document, own, n) if len(tokens[own[n]].text.split("@")[0]) < WHOLE else n
    for back in range(n, max(-1, n - REACH), -1):
        if tokens[own[back]].text == "at" or tokens[own[back]].text.startswith("@"):
            return _local_part(document, own, max(0, back - 1))
    return None


def _local_part(document: Document, own: list[int], n: int) -> int:
    """The first token of what stands before the "at": parts joined by dots, letters, digits."""
    tokens = document.tokens
    while n > 0:
        here, before = tokens[own[n]], tokens[own[n - 1]]
        if before.ends_sentence and len(before.text) > 1:
            break
        is_joined = here.text in _BETWEEN or before.text in _BETWEEN or _spells(here) or _spells(before)
        if not is_joined and not _is_local(before):
            break
        if before.text in _INTRODUCES and here.text not in _BETWEEN:
            break
        if _is_asked_between(own, n, here, before):
            break
        n -= 1
    return n


def _is_asked_between(own: list[int], n: int, here: Token, before: Token) -> bool:
    """Whether the other party spoke in a pause between two tokens: what was before answers something else."""
    return here.start_ms - before.end_ms > ASKED_MS and own[n] - own[n - 1] > ASKED_WORDS


def _is_local(token: Token) -> bool:
    """Whether a word may be part of an address before its "at": anything but a word of everyday calls."""
    return token.text not in words("common") and token.kind is Kind.WORD


def _spells(token: Token) -> bool:
    """Whether a token is a letter or a number."""
    return token.kind in (Kind.LETTERS, Kind.DIGITS, Kind.MIXED, Kind.NUMBER_WORD)


def letters(document: Document) -> Iterator[Found]:
    """Runs of letters: a name or a code spelled out, with "as in" words between."""
    read = document.tokens
    for channel in sorted({token.channel for token in read}):
        own = [i for i, token in enumerate(read) if token.channel == channel]
        run: list[int] = []
        """Places in ``own``."""
        for n, i in enumerate(own):
            if run and read[i].start_ms - read[own[run[-1]]].end_ms > LONGEST_PAUSE_MS:
                yield from _spelling(read, own, run)
                run = []
            if _is_spelled(read, own, n) or (run and _between(read, own, n)):
                run.append(n)
            else:
                yield from _spelling(read, own, run)
                run = []
        yield from _spelling(read, own, run)


def _between(read: tuple[Token, ...], own: list[int], n: int) -> bool:
    """Whether a word stands between spelled letters: "as", "in", "double", "I", a misheard letter."""
    if read[own[n]].text in _LINKS:
        return True
    ahead = [read[i] for i in own[n + 1 : n + 3]]
    return (
        len(read[own[n]].text) < 4
        and bool(ahead)
        and ahead[0].kind is Kind.LETTERS
        and not read[own[n]].ends_sentence
    )


def _spelling(read: tuple[Token, ...], own: list[int], run: list[int]) -> Iterator[Found]:
    """A run of enough letters, without the words it begins and ends with that are none."""
    while run and not _is_spelled(read, own, run[0]):
        run = run[1:]
    while run and not _is_spelled(read, own, run[-1]):
        run = run[:-1]
    singly = [read[own[n]] for n in run if read[own[n]].kind is Kind.LETTERS]
    spelled = singly if run and _is_yelled(read, own[run[0]]) else _with_shouted(read, own, run)
    count = sum(len(_plain(token)) for token in spelled)
    if not singly and len(spelled) < 2:
        return  # One word in capitals is an acronym, unless it answers a question.
    if count >= LETTERS:
        yield Found(
            entity=Entity.PERSON,
            first=own[run[0]],
            last=own[run[-1]],
            score=0.7,
            why="spelled letter by letter",
        )


def _with_shouted(read: tuple[Token, ...], own: list[int], run: list[int]) -> list[Token]:
    """The letters of a run, and its words in capitals, which may be letters too."""
    return [read[own[n]] for n in run if read[own[n]].kind is Kind.LETTERS or is_shouted(read[own[n]])]


def _is_yelled(read: tuple[Token, ...], place: int) -> bool:
    """Whether a turn is written in capitals throughout: words of "CAN I SPEAK TO A PERSON" are no letters."""
    turn = read[place].ref.turn
    around = read[max(0, place - YELLED_NEAR) : place + YELLED_NEAR]
    whole = [token for token in around if token.ref.turn == turn and len(token.text) > 2]
    return sum(token.is_shouted and token.text in words("common") for token in whole) >= YELLED


def _is_spelled(read: tuple[Token, ...], own: list[int], n: int) -> bool:
    """Whether a word is letters or stands for one, misheard letters before "as in" included."""
    if read[own[n]].kind is Kind.LETTERS or is_shouted(read[own[n]]) or spelled_word(read, own, n):
        return True
    return [read[i].text for i in own[n + 1 : n + 3]] == ["as", "in"]


def _plain(token: Token) -> str:
    """A token's letters."""
    return token.text.replace("-", "").replace(".", "")
