"""The models at work: loaded at first use, once a process, after a worker's fork."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.models.verify import ModelFolder, require
from compliance.records import ModelRef
from compliance.redact.detect.stage import FINDERS

if TYPE_CHECKING:
    from compliance.redact.detect.weighed import Weighed
    from compliance.transcribe.whisper import Whisper

LANGUAGE_MODEL = "spacy-en"
NAMES_MODEL = "rampart"


class Engines:
    """The speech recogniser and the recognisers of text, each over verified weights."""

    def __init__(self, models_dir: Path, *, whisper_model: str, threads: int, batch_size: int) -> None:
        """Nothing is read yet."""
        self._models_dir = models_dir
        self._whisper_model = whisper_model
        self._threads = threads
        self._batch_size = batch_size

    @cached_property
    def _speech(self) -> ModelFolder:
        return require(self._models_dir, self._whisper_model)

    @cached_property
    def _language(self) -> ModelFolder:
        return require(self._models_dir, LANGUAGE_MODEL)

    @cached_property
    def _names(self) -> ModelFolder:
        return require(self._models_dir, NAMES_MODEL)

    @cached_property
    def recogniser(self) -> Whisper:
        """The speech recogniser.

        Raises:
            ModelMissing, ModelAltered: its weights are not there, or not those pinned.
        """
        # Imported when needed: with spaCy it takes seconds, and most commands and the API never do.
        from compliance.transcribe.whisper import Whisper

        return Whisper(self._speech.path, threads=self._threads, batch_size=self._batch_size)

    @cached_property
    def runner(self) -> Weighed:
        """Presidio with our recognisers and the classifier of names in speech, weighed by the tagger.

        Raises:
            ModelMissing, ModelAltered: as above.
        """
        from compliance.redact.detect.presidio import Presidio
        from compliance.redact.detect.rampart import Rampart
        from compliance.redact.detect.tagger import Tagger
        from compliance.redact.detect.weighed import Weighed

        folder = self._names.path
        return Weighed(Presidio(self._language.path, FINDERS), Tagger(folder), Rampart(folder))

    @cached_property
    def _weighing(self) -> ModelRef:
        """The tagger's weights, which come with the package and are pinned by it."""
        from compliance.redact.detect.tagger import NAME, digest

        return ModelRef(name=NAME, sha256=digest())

    @cached_property
    def _hearing(self) -> ModelRef:
        """The weights by which consent is heard, which come with the package too."""
        from compliance.consent.weigher import NAME, digest

        return ModelRef(name=NAME, sha256=digest())

    @cached_property
    def _edges(self) -> ModelRef:
        """The trees that tell where a find's sound begins and ends, which come with the package too."""
        from compliance.redact.edges import NAME, digest

        return ModelRef(name=NAME, sha256=digest())

    @property
    def refs(self) -> tuple[ModelRef, ...]:
        """The weights in use, by name and digest."""
        pulled = (self._speech.ref, self._language.ref, self._names.ref)
        return (*pulled, self._weighing, self._edges, self._hearing)

    def check(self) -> None:
        """See that the weights are there and unaltered, as they are on disk now.

        Raises:
            ModelMissing, ModelAltered: as above.
        """
        for name in (self._whisper_model, LANGUAGE_MODEL, NAMES_MODEL):
            require(self._models_dir, name)

    def load(self) -> None:
        """Load everything now, so that start-up is not counted to the first recording."""
        from compliance.redact import edges

        edges.load()
        self.recogniser.load()
        self.runner.load()
