"""Settings as the environment variables that a process beside the service reads them from."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from compliance.settings import Settings


def variables(settings: Settings, needed: tuple[str, ...] = ("",)) -> dict[str, str]:
    """Those whose names begin so, by their variables; what is unset is left out."""
    told = {name: getattr(settings, name) for name in type(settings).model_fields if name.startswith(needed)}
    return {f"COMPLIANCE_{name.upper()}": _plain(value) for name, value in told.items() if value is not None}


def _plain(value: object) -> str:
    """A setting as its variable has it."""
    if isinstance(value, Mapping):
        return ",".join(f"{key}:{_plain(each)}" for key, each in value.items())
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
