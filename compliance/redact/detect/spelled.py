"""Things spelled out or said in parts: e-mail addresses, web addresses, names letter by letter."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.records import Entity
from compliance.redact.detect.document import Document, Found
from compliance.redact.speech.tokens import Kind, Token

_DOMAINS = frozenset("com org net edu gov io co us uk info biz me example ai".split())
_MAILERS = frozenset(
    "gmail yahoo hotmail outlook icloud aol proton protonmail comcast msn live verizon".split()
)
_BETWEEN = frozenset("dot underscore dash hyphen period minus".split())
LETTERS = 3
"""So many letters in a row spell something."""
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
        return _local_part(document, own, n)
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
        if here.text in _BETWEEN or before.text in _BETWEEN or _spells(here) or _spells(before):
            n -= 1
            continue
        break
    return n


def _spells(token: Token) -> bool:
    """Whether a token is a letter or a number."""
    return token.kind in (Kind.LETTERS, Kind.DIGITS, Kind.MIXED, Kind.NUMBER_WORD)


def letters(document: Document) -> Iterator[Found]:
    """Runs of letters: a name or a code spelled out, with "as in" words between."""
    for channel in sorted({token.channel for token in document.tokens}):
        run: list[int] = []
        for i, token in enumerate(document.tokens):
            if token.channel != channel:
                continue
            if token.kind is Kind.LETTERS or (run and _phonetic(document.tokens, run[-1], i)):
                run.append(i)
                continue
            yield from _spelling(document, run)
            run = []
        yield from _spelling(document, run)


def _phonetic(tokens: tuple[Token, ...], last: int, now: int) -> bool:
    """Whether a word belongs to "B as in boy" or "D for delta"."""
    text = tokens[now].text
    return text in ("as", "in", "for", "like") or tokens[last].text in ("in", "for", "like")


def _spelling(document: Document, run: list[int]) -> Iterator[Found]:
    """A run of enough letters."""
    count = sum(
        len(document.tokens[i].text.replace("-", "").replace(".", ""))
        for i in run
        if document.tokens[i].kind is Kind.LETTERS
    )
    if count >= LETTERS:
        yield Found(
            entity=Entity.PERSON, first=run[0], last=run[-1], score=0.7, why="spelled letter by letter"
        )
