"""The settings of anchors and time stamps: read strictly, and their secrets shown to nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.cli.settings import MASK, listed
from compliance.errors import SettingInvalid
from compliance.settings import load


def test_sinks_are_read_in_their_order_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses separated by commas; one that is there twice is one sink."""
    monkeypatch.setenv(
        "COMPLIANCE_ANCHORS", "s3://bucket/log, https://host/x ,file:///copies,s3://bucket/log"
    )

    assert load().anchors == ("s3://bucket/log", "https://host/x", "file:///copies")


@pytest.mark.parametrize(
    "values",
    [
        {"ANCHORS": "s3://good/x,ftp://hunter2/x"},
        {"ANCHORS": "https://user:hunter2@host/"},
        {"ANCHORS": "http://witness.example/hunter2"},
        {"ANCHOR_TOKEN": "hunter2", "ANCHOR_TOKEN_FILE": "/hunter2"},
        {"ANCHOR_S3_SECRET_KEY": "hunter2", "ANCHOR_S3_SECRET_KEY_FILE": "/hunter2"},
        {"TIMESTAMP_URL": "http://tsa.example/hunter2"},
        {"TIMESTAMP_URL": "ftp://hunter2/", "TIMESTAMP_CERTIFICATES": "/root.pem"},
        {"TIMESTAMP_URL": "https://u:hunter2@tsa/", "TIMESTAMP_CERTIFICATES": "/root.pem"},
        {"ANCHOR_DAYS": "0"},
        {"ANCHOR_S": "hunter2"},
        {"HEARTBEAT_S": "1"},
    ],
    ids=lambda values: "+".join(values),
)
def test_what_contradicts_itself_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str]
) -> None:
    """A setting that cannot be meant stops the start; its value may hold a secret and is not shown."""
    for name, value in values.items():
        monkeypatch.setenv(f"COMPLIANCE_{name}", value)

    with pytest.raises(SettingInvalid) as refused:
        load()

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", ["anchor_token", "anchor_s3_secret_key"])
def test_a_secret_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    """The file's one line is the secret; a file that is empty or absent is told by the setting's name."""
    path = tmp_path / "secret"
    monkeypatch.setenv(f"COMPLIANCE_{name.upper()}_FILE", str(path))
    for absent in (True, False):
        if not absent:
            path.write_text(" \n")
        with pytest.raises(SettingInvalid, match=f"COMPLIANCE_{name.upper()}_FILE"):
            load().secret(name)
    path.write_text("hunter2\n")

    found = load().secret(name)

    assert found is not None
    assert found.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(load())


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster's file cannot leave a variable out; it leaves it empty."""
    names = (
        "anchor_s3_endpoint",
        "anchor_s3_access_key",
        "anchor_token",
        "timestamp_url",
        "timestamp_certificates",
    )
    for name in ("anchors", *names):
        monkeypatch.setenv(f"COMPLIANCE_{name.upper()}", "")
    settings = load()

    assert settings.anchors == ()
    assert [getattr(settings, name) for name in names] == [None] * len(names)


def test_neither_secrets_nor_what_may_hold_one_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address may carry a tenant's key in its query; so addresses are masked like passwords."""
    monkeypatch.setenv("COMPLIANCE_ANCHORS", "https://host/x?key=hunter2")
    monkeypatch.setenv("COMPLIANCE_ANCHOR_TOKEN", "hunter2")

    rows = {row["variable"]: row["value"] for row in listed(load())}

    assert rows["COMPLIANCE_ANCHORS"] == rows["COMPLIANCE_ANCHOR_TOKEN"] == MASK
    assert not any("hunter2" in value for value in rows.values())
