"""The files of a run's call: opened by digest, and listened to side by side on one clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from compliance.errors import ComplianceError
from compliance.intake.fetch import source_name
from compliance.records import ChannelSpan, Source, Stage
from compliance.redact.media import decode
from compliance.redact.together import Track, together
from compliance.run import Run
from compliance.strands import strands_of, wanted_of
from compliance.transcribe.windows import RATE, Samples


@contextmanager
def naming(index: int, count: int) -> Iterator[None]:
    """Whatever goes wrong in here went wrong with that file, where a call has several."""
    try:
        yield
    except ComplianceError as error:
        error.file = index + 1 if count > 1 else None
        raise


@contextmanager
def original(run: Run, index: int) -> Iterator[Path]:
    """One original, as intake took it in.

    Raises:
        SealBroken: it is another now.
    """
    sources: tuple[Source, ...] = run.value(Stage.INTAKE)
    with ExitStack() as stack:
        with naming(index, len(sources)):
            path = stack.enter_context(run.file(source_name(index), sources[index].sha256))
        yield path


@contextmanager
def originals(run: Run) -> Iterator[tuple[Path, ...]]:
    """Every original, as intake took them in; raises as ``original``."""
    sources: tuple[Source, ...] = run.value(Stage.INTAKE)
    with ExitStack() as stack:
        yield tuple(stack.enter_context(original(run, each.index)) for each in sources)


def listened(
    paths: Sequence[Path], sources: Sequence[Source], only: Sequence[ChannelSpan] | None = None
) -> Iterator[Samples]:
    """The call in blocks (channels, n) at 16 kHz, of whichever files; where ``only`` is given, the rest
    may be silence.

    Raises what ``media.decode`` raises.
    """
    if len(sources) == 1:
        return decode(paths[0], rate=RATE, only=None if only is None else [each.span for each in only])
    strands = strands_of(sources)
    return together(
        [
            Track(
                path=path,
                offset_ms=source.offset_ms,
                channels=tuple(each.channels for each in strands if each.source == source.index),
                only=None if only is None else wanted_of(only, sources, source.index),
            )
            for path, source in zip(paths, sources, strict=True)
        ],
        rate=RATE,
    )
