"""A media playlist of HLS (RFC 8216), read strictly: the finished list of one recording's own segments.

FFmpeg opens whatever a playlist names, ``file:///etc/passwd`` too, so it is never given one.
What is not on the list below is refused, not skipped: a tag that is not understood may say
that the bytes are encrypted, begin elsewhere, or are not all there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from compliance.errors import ObjectNotAllowed, PlaylistInvalid
from compliance.intake.objects import object_key

HEAD = b"#EXTM3U"
LARGEST = 4 << 20
"""Bytes of a playlist: over a day of LiveKit's segments of four seconds."""
MOST = 50_000
"""Segments."""
LONGEST_MS = 3_600_000
"""Of one segment; LiveKit's are of four seconds unless asked otherwise."""

_NUMBERED = re.compile(r"(.+)_(\d{5,17})\.ts")
"""``{prefix}_00000.ts``, or with the time in place of the number, as Egress names them."""
_TEMPLATE = re.compile(r"\{[^{}]*\}")
_TOLD_ONCE = {
    "#EXT-X-VERSION": r"[1-7]",
    "#EXT-X-TARGETDURATION": r"\d{1,5}",
    "#EXT-X-MEDIA-SEQUENCE": r"\d{1,10}",
    "#EXT-X-PLAYLIST-TYPE": r"EVENT|VOD",
    "#EXT-X-ALLOW-CACHE": r"YES|NO",
    "#EXT-X-INDEPENDENT-SEGMENTS": r"",
    "#EXT-X-ENDLIST": r"",
}
"""Tags of the whole list, with what may stand behind the colon."""
_TOLD_EACH = {"#EXT-X-PROGRAM-DATE-TIME": r"\S{1,40}"}
"""Tags of a segment that change nothing in its bytes, nor in the clock that goes on from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One segment that a playlist names.  The name may hold a room's or a person's."""

    name: str = field(repr=False)
    """Relative to the playlist's own folder, going down from there."""
    duration_ms: int


Owns = Callable[[str], bool]
"""Whether a name is one of the recording's own segments."""


def parse(text: bytes, owns: Owns) -> tuple[Entry, ...]:
    """The segments of a finished media playlist, in order.

    (1) UTF-8 without control characters, of a size that a call can have.  (2) Only tags that are
    understood, each as often as it may come.  (3) A duration before each name; each name plain,
    relative, the recording's own, and there once.  (4) An end: a list without ``EXT-X-ENDLIST``
    is still being written.

    Raises:
        PlaylistInvalid: any of it does not hold; the message says which, and no name.
    """
    # (1)
    lines = _lines(text)
    # (2) (3)
    found = tuple(_entries(lines, owns))
    if not found:
        raise PlaylistInvalid("the playlist names no segment")
    if len({each.name for each in found}) != len(found):
        raise PlaylistInvalid("the playlist names a segment twice")
    # (4)
    if lines[-1] != "#EXT-X-ENDLIST":
        raise PlaylistInvalid("the playlist has no end: it was not finished")
    return found


def _lines(text: bytes) -> list[str]:
    if len(text) > LARGEST:
        raise PlaylistInvalid(f"the playlist is over {LARGEST} bytes")
    try:
        lines = [each.removesuffix("\r") for each in text.decode("utf-8").split("\n")]
    except UnicodeDecodeError:
        raise PlaylistInvalid("the playlist is not UTF-8") from None
    if any(unicodedata.category(char) in ("Cc", "Cs") for line in lines for char in line):
        raise PlaylistInvalid("the playlist holds control characters")
    lines = [line for line in lines if line.strip()]
    if not lines or lines[0] != HEAD.decode():
        raise PlaylistInvalid("the playlist does not begin with #EXTM3U")
    return lines


def _entries(lines: list[str], owns: Owns) -> Iterator[Entry]:
    """Each name with the duration before it."""
    told: set[str] = set()
    duration_ms: int | None = None
    count = 0
    for line in lines[1:]:
        if "#EXT-X-ENDLIST" in told:
            raise PlaylistInvalid("the playlist goes on behind its end")
        if line.startswith("#EXTINF:"):
            duration_ms = _duration(line, duration_ms)
        elif line.startswith("#EXT"):
            told.add(_tag(line, told))
        elif not line.startswith("#"):
            count += 1
            yield _entry(line, duration_ms, count, owns)
            duration_ms = None
    if duration_ms is not None:
        raise PlaylistInvalid("the playlist tells a duration and names no segment for it")


def _tag(line: str, told: set[str]) -> str:
    """The name of a tag that is understood."""
    name, _, value = line.partition(":")
    form = _TOLD_EACH.get(name, None if name in told else _TOLD_ONCE.get(name))
    if form is None:
        raise PlaylistInvalid(f"the playlist says {_printable(name)}, which is not treated, or says it twice")
    if not re.fullmatch(form, value):
        raise PlaylistInvalid(f"the playlist says of {name} what is not treated")
    return name


def _printable(name: str) -> str:
    """A tag's name if it looks like one, so that nothing else of a playlist gets into a message."""
    return name if re.fullmatch(r"#EXT[A-Z-]{0,40}", name) else "a tag"


def _duration(line: str, before: int | None) -> int:
    """Milliseconds of an EXTINF; its title, if any, is left alone.  LiveKit leaves out the comma."""
    if before is not None:
        raise PlaylistInvalid("the playlist tells two durations in a row")
    try:
        value = Decimal(line.removeprefix("#EXTINF:").partition(",")[0].strip())
    except InvalidOperation:
        raise PlaylistInvalid("the playlist tells a duration that is no number") from None
    if not value.is_finite() or not 0 <= value * 1000 <= LONGEST_MS:
        raise PlaylistInvalid("the playlist tells a duration that no segment has")
    return round(value * 1000)


def _entry(name: str, duration_ms: int | None, count: int, owns: Owns) -> Entry:
    if count > MOST:
        raise PlaylistInvalid(f"the playlist names more than {MOST} segments")
    if duration_ms is None:
        raise PlaylistInvalid("the playlist names a segment without its duration")
    if not is_below(name) or not owns(name):
        raise PlaylistInvalid("the playlist names what is not one of the recording's own segments")
    return Entry(name=name, duration_ms=duration_ms)


def is_below(name: str) -> bool:
    """Whether a name is that of a segment at the playlist's place or below, however it is read."""
    try:
        object_key("", name)
    except ObjectNotAllowed:
        return False
    return not set(name) & set("%?#:*|<>\"'") and name == name.strip() and name.endswith(".ts")


def of_egress(playlist: str, prefix: str) -> Owns:
    """Which names are an egress's own: ``{prefix}_{number}.ts``, all of one prefix, numbers rising.

    ``prefix`` is that of the request, in which ``{room_name}`` and the like stand for what Egress
    fills in; without one, Egress takes the playlist's own name.  Other recordings may lie beside it.
    """
    form = _form(playlist, prefix)
    last: list[tuple[str, int]] = []

    def owns(name: str) -> bool:
        match = _NUMBERED.fullmatch(name)
        if match is None or not form.fullmatch(match[1].rpartition("/")[2]):
            return False
        is_next = not last or (last[0][0] == match[1] and last[0][1] < int(match[2]))
        last[:] = [(match[1], int(match[2]))]
        return is_next

    return owns


def may_own(playlist: str, prefix: str, name: str) -> bool:
    """Whether a name could be that of an egress's segment, whatever others it has."""
    match = _NUMBERED.fullmatch(name)
    return match is not None and bool(_form(playlist, prefix).fullmatch(match[1].rpartition("/")[2]))


def _form(playlist: str, prefix: str) -> re.Pattern[str]:
    wanted = prefix.rpartition("/")[2] or playlist.rpartition("/")[2].removesuffix(".m3u8")
    return re.compile("[^/]+".join(re.escape(part) for part in _TEMPLATE.split(wanted)))
