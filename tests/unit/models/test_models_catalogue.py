"""The catalogue of weights is complete and consistent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compliance.errors import ArgumentInvalid
from compliance.models.catalogue import CATALOGUE, NEEDED, Model, find, listing, names
from compliance.settings import Settings

ROOT = Path(__file__).parents[3]
every_model = pytest.mark.parametrize("model", CATALOGUE, ids=names())


@every_model
def test_every_file_is_pinned_to_a_digest(model: Model) -> None:
    """Each file of a model has a SHA-256, and the file that names the model is one of them."""
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in model.files.values())
    assert model.weights is None or model.weights in model.files
    assert re.fullmatch(r"[0-9a-f]{64}", model.sha256)


@every_model
def test_the_packages_carry_every_file(model: Model) -> None:
    """Each file, or every part of it, is in one of the packages named, and nothing else is taken."""
    carried = [piece for carrier in model.carriers for piece in carrier.members.values()]

    assert sorted(carried) == sorted(piece for file in model.files for piece in model.pieces(file))


@every_model
def test_the_notice_names_each_model_with_its_origin(model: Model) -> None:
    """NOTICE gives the page and the carrying packages of every model that may be passed on."""
    notice = (ROOT / "NOTICE").read_text()

    assert model.upstream.page in notice
    assert all(carrier.package in notice for carrier in model.carriers)


def test_a_deployment_with_default_settings_needs_only_known_models() -> None:
    """What is pulled by default includes the speech model of the default settings."""
    assert set(NEEDED) <= set(names())
    assert Settings.model_fields["whisper_model"].default in NEEDED


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    """A wrong name is the caller's mistake, and the message helps."""
    with pytest.raises(ArgumentInvalid, match=r"whisper-huge.*whisper-base"):
        find("whisper-huge")


def test_a_listing_changes_with_any_path_or_digest() -> None:
    """The digest of many files depends on each path and digest, and not on their order."""
    files = {"a": "00", "b": "11"}

    assert listing(files) == listing(dict(reversed(files.items())))
    assert (
        len(
            {
                listing(files),
                listing({"a": "11", "b": "00"}),
                listing({"a": "00"}),
                listing({"a": "00", "c": "11"}),
            }
        )
        == 4
    )
