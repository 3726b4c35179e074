"""A sentence for each reason word, and what can be done about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from compliance.errors import ComplianceError, HoldError
from compliance.records import State

RETRY = "compliance recordings retry ID"
RELEASE = 'compliance recordings release ID --reason "…"'
DESTROY = 'compliance recordings destroy ID --reason "…"'
_DECIDE = "Read the manifest and the redacted transcript, then release or destroy it."
_AGAIN = "Mend what it names (compliance doctor helps), then retry."

MEANINGS: dict[str, tuple[str, str]] = {
    "consent_missing": ("The law that applies asks for notice or consent, and none was heard.", _DECIDE),
    "consent_late": ("Notice was given only after the conversation had begun.", _DECIDE),
    "consent_objected": ("Somebody objected to being recorded.", "As a rule, destroy it."),
    "consent_withdrawn": ("Consent was given and then taken back.", "As a rule, destroy it."),
    "consent_uncertain": ("Whether notice or consent was given cannot be told for certain.", _DECIDE),
    "ai_disclosure_late": ("A machine said what it is only after the talk had begun.", _DECIDE),
    "ai_disclosure_missing": (
        "A law asks a machine to say what it is, and it was not heard to.",
        _DECIDE,
    ),
    "ai_disclosure_untrue": ("Asked whether it is a person, the machine said yes.", _DECIDE),
    "ai_disclosure_uncertain": (
        "Whether the machine said in time what it is cannot be told for certain.",
        _DECIDE,
    ),
    "held_by_policy": ("Nothing is wrong with it; obligations.yaml orders that it be held.", _DECIDE),
    "kept_marked": ("Released although consent was not satisfied, as obligations.yaml orders.", ""),
    "consent_cut": ("Released with everything cut that was recorded without consent.", ""),
    "residual_found": (
        "Listening again, something was heard that was to be removed.",
        "Listen to it where the manifest says; retry with a larger model, or decide.",
    ),
    "samples_differ": (
        "The redacted recording does not compare with the original as it must.",
        "Retry; if it stays so, destroy it and report it.",
    ),
    "finding_in_notice": ("Something to be cut lies inside the notice, which must stay whole.", _DECIDE),
    "gap_in_speech": (
        "The recording's clock leaps in the middle of speech: some of what was said is missing.",
        "Listen round the gaps that the manifest names, then decide.",
    ),
    "clock_drift": (
        "Sound and clock of the recording part, so that cuts may miss.",
        "Listen to the end of it; convert it with a steady clock and process it by hand.",
    ),
    "speech_unread": (
        "On a channel a voice was heard and not one word could be read.",
        "Retry with a larger model, or listen to it and decide.",
    ),
    "released_by_person": ("A person released it in spite of the reasons named beside this one.", ""),
    "working_copies_left": ("Its working copies are not removed yet; that is tried again by itself.", ""),
    "several_files": (
        "The egress names one file several times, so how many there are cannot be told.",
        "Fetch them and process them by hand.",
    ),
    "egress_unfinished": (
        "One of the room's egresses never told its end, so a part of the call may be missing.",
        "Look for its file in the bucket; retry once its end was told, or process the files by hand.",
    ),
    "late_for_call": (
        "It is of a call that was settled without it.",
        "Retry the call if that is held still, so that it is taken along; else retry this by itself.",
    ),
    "segments_not_supported": (
        "The egress wrote segments beside a file, or twice: a second copy of the call.",
        "Fetch one of them and process it by hand, then destroy the recording.",
    ),
    "egress_aborted": ("The egress was stopped before it recorded anything.", ""),
    "egress_failed": ("The egress failed and left no file.", "Look into LiveKit's log for the egress id."),
    "upload_failed": (
        "The recording was made and could not be uploaded.",
        "Mend the permissions of the bucket that Egress writes to; LiveKit may have kept a backup.",
    ),
    "no_file": (
        "The egress ended well and uploaded nothing.",
        "See whether the egress was asked for a file.",
    ),
    "interrupted": ("Its run was broken off by the user, and nothing of it was kept.", ""),
    "internal_error": (
        "A stage failed in a way that nobody foresaw; the log has type and place.",
        "Retry; if it stays so, report it.",
    ),
}
"""Reasons that are no errors, or of which more can be said than the error does."""

_FILE = re.compile(r"file_([1-9][0-9]?)")
"""Stands beside the reason that one file of several is held for."""

_REMEDIES = {
    "start_unknown": "Fetch the files and process them by hand, with --offset-ms for each.",
    "files_alike": "Find out which of them the call is, and process that by hand.",
    "object_not_allowed": "If the bucket is yours, put it on COMPLIANCE_SOURCE_BUCKETS, then retry.",
    "playlist_invalid": "See whether Egress had finished it; join the segments and process them by hand.",
    "source_missing": "Put the object where the webhook says it is, then retry.",
    "source_too_large": "Raise COMPLIANCE_SOURCE_MAX_BYTES, then retry.",
    "language_not_supported": "Have a person listen to it, then destroy it, or treat it elsewhere.",
    "source_not_destroyed": "Permit the deletion in the bucket; it is tried again by itself.",
    "worker_died": "Give the workers more memory (their log tells what killed them), then retry.",
    "decoder_crashed": "Convert the recording with a tool you trust, and process that by hand.",
    "seal_broken": "Find out who altered the vault or changed the key; then destroy it.",
}


def classes(root: type[ComplianceError] = ComplianceError) -> Iterator[type[ComplianceError]]:
    """Every error of the tree."""
    yield root
    for each in root.__subclasses__():
        yield from classes(each)


def by_reason(reason: str) -> type[ComplianceError] | None:
    """The error that has this word, or None where it is no error's."""
    return next((each for each in classes() if each.reason == reason), None)


def file_number(reason: str) -> int | None:
    """Which file of a call a reason word names, counted from 1; None for one that names none."""
    found = _FILE.fullmatch(reason)
    return int(found[1]) if found else None


def meaning(reason: str) -> str:
    """What a reason word means, as a sentence."""
    if (number := file_number(reason)) is not None:
        return f"It is file {number} of the call, in the order in which they began or were given."
    if reason in MEANINGS:
        return MEANINGS[reason][0]
    found = by_reason(reason)
    return (found.__doc__ or "").strip().replace("``", "") if found else "No more is known of it."


def remedy(reason: str) -> str:
    """What can be done about it; empty where nothing has to be."""
    if file_number(reason) is not None:
        return ""
    if reason in MEANINGS:
        return MEANINGS[reason][1]
    found = by_reason(reason)
    if reason in _REMEDIES or found is None:
        return _REMEDIES.get(reason, _DECIDE)
    return _DECIDE if issubclass(found, HoldError) else _AGAIN


def commands(state: State) -> tuple[str, ...]:
    """What a person can do with a recording in that state."""
    if state is State.HELD:
        return (RETRY, RELEASE, DESTROY)
    return (DESTROY,) if state in (State.RELEASED, State.ABSENT) else ()


def exit_code(reasons: Iterable[str]) -> int:
    """The exit code of a recording that was not released: that of the first reason which is no mere hold."""
    found = (by_reason(each) for each in reasons)
    return next(
        (each.exit_code for each in found if each and not issubclass(each, HoldError)), HoldError.exit_code
    )
