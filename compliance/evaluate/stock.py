"""Presidio as it comes, but for the model, which is the small one that ours uses too."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import yaml
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider


def stock_presidio(spacy: Path) -> AnalyzerEngine:
    """Presidio as it comes, over a spaCy model in a folder."""
    stock = yaml.safe_load(files("presidio_analyzer").joinpath("conf/default.yaml").read_text())
    stock["models"] = [{"lang_code": "en", "model_name": str(spacy)}]
    engine = NlpEngineProvider(nlp_configuration=stock).create_engine()
    return AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
