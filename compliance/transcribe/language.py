"""Which language a channel is in, and whether what leaks in it has been measured."""

from __future__ import annotations

from collections.abc import Sequence

from compliance.errors import LanguageNotSupported
from compliance.records import Conversation

MEASURED_LANGUAGES = frozenset({"en"})
"""Languages in which the leak rate has been measured; all others are held."""
ENOUGH_SPEECH_MS = 5_000
"""Less voice than this on a channel does not tell a language."""
SURE = 0.6
"""A window in another language counts when the recogniser is at least this sure."""
FOREIGN_MS = 8_000
"""So much voice in windows of another language holds the recording."""


def spoken_language(windows: Sequence[tuple[str, float, int]]) -> tuple[str | None, float]:
    """The language of a channel from its windows' (language, probability, voice_ms).

    None where there was too little voice to tell.  A language that is not
    measured wins as soon as there is enough of it, since it takes only one
    sentence in it to leak.
    """
    voice_ms: dict[str, int] = {}
    surest: dict[str, float] = {}
    for language, probability, length_ms in windows:
        if probability >= SURE or language in MEASURED_LANGUAGES:
            voice_ms[language] = voice_ms.get(language, 0) + length_ms
            surest[language] = max(surest.get(language, 0.0), probability)
    foreign = [each for each in voice_ms if each not in MEASURED_LANGUAGES and voice_ms[each] >= FOREIGN_MS]
    if foreign:
        most = max(foreign, key=lambda each: voice_ms[each])
        return most, surest[most]
    if not voice_ms:
        return None, 0.0
    most = max(voice_ms, key=lambda each: voice_ms[each])
    return (most, surest[most]) if voice_ms[most] >= ENOUGH_SPEECH_MS else (None, 0.0)


def require_measured_language(conversation: Conversation) -> None:
    """Hold a call in a language for which nobody has measured what leaks.

    Raises:
        LanguageNotSupported: a channel is in such a language; names channel and language.
    """
    for channel in conversation.channels:
        if channel.language is not None and channel.language not in MEASURED_LANGUAGES:
            raise LanguageNotSupported(
                f"channel {channel.index} is in {channel.language!r}; detection is measured for English only"
            )
