"""Everything that can go wrong, in one tree.

    ComplianceError
    ├── TransientError            worth another try
    │   ├── StorageUnavailable
    │   ├── DatabaseUnavailable
    │   ├── BrokerUnavailable
    │   ├── LeaseLost
    │   └── AnchorUnavailable, TimestampUnavailable
    ├── InputError                the caller's to mend: exit code 2, HTTP 4xx
    │   ├── MediaError
    │   │   ├── MediaUnreadable, MediaEmpty, MediaTruncated, MediaUnsupported, MediaChained, MediaChanging
    │   │   ├── NoAudio, AudioSilent, TooManyChannels, PlaylistInvalid
    │   ├── WebhookError
    │   │   ├── SignatureInvalid, BodyTooLarge, BodyInvalid
    │   ├── AccessError
    │   │   ├── TokenMissing, TokenInvalid, RoleInsufficient
    │   ├── TextInvalid, TranscriptInvalid
    │   ├── QueryInvalid, CursorInvalid
    │   ├── ArgumentInvalid, PolicyInvalid, SettingInvalid, RecordingUnknown, StateConflict, TruthInvalid
    │   ├── FactsMissing, EventUnsealed, RecordingUnverified
    │   ├── UnderHold, DutyToKeep, IndividualUnknown, IncidentUnknown
    ├── FiguresWorse              calls were scored, and a figure is worse than the recorded one
    ├── EventInvalid              our own mistake: an audit event that may not be written
    ├── HoldError                 the recording waits for a person
    │   ├── ObjectNotAllowed, SourceMissing, LanguageNotSupported
    │   ├── SourceNotDestroyed, SourceTooLarge, SealBroken
    │   ├── ValueLeft, WorkerDied, DecoderCrashed, AgreementMissing
    │   └── FilesAlike, FilesUnplaced, StartUnknown
    └── SetupError                the operator's to mend: exit code 1
        ├── ModelMissing, ModelAltered, DiskFull
        ├── KeyMissing, FactsAltered, AnchorUnlocked
        └── AuditInvalid
            └── LogForked, TimestampInvalid

``reason`` is a stable word, the same in the exception, the API's answer, the
audit event and ``docs/errors.md``.  Messages name ids and files of ours, never
what was said.
"""

from __future__ import annotations

from typing import ClassVar


class ComplianceError(Exception):
    """Anything this service raises on purpose."""

    reason: ClassVar[str] = "internal_error"
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    file: int | None = None
    """Which file of a call it came of, counted from 1, where the call has several."""


class TransientError(ComplianceError):
    """Worth another try; nothing was decided."""

    reason = "transient_error"
    http_status = 503


class StorageUnavailable(TransientError):
    """The object store did not answer."""

    reason = "storage_unavailable"


class DatabaseUnavailable(TransientError):
    """The database did not answer or would not commit."""

    reason = "database_unavailable"


class BrokerUnavailable(TransientError):
    """The broker did not answer.  The sweeper sends the work again."""

    reason = "broker_unavailable"


class LeaseLost(TransientError):
    """Another worker took the stage over; what this one made of it is dropped."""

    reason = "lease_lost"


class AnchorUnavailable(TransientError):
    """A sink did not take a checkpoint.  The next one is sent in a minute; the service goes on."""

    reason = "anchor_unavailable"


class TimestampUnavailable(TransientError):
    """The time-stamping authority did not answer, or refused.  It is asked again; the service goes on."""

    reason = "timestamp_unavailable"


class InputError(ComplianceError):
    """What was given cannot be used; the message names what and what to do."""

    reason = "input_invalid"
    http_status = 422
    exit_code = 2


class ArgumentInvalid(InputError):
    """An argument of a command or a parameter of a request is wrong."""

    reason = "argument_invalid"


class QueryInvalid(InputError):
    """A question to the audit log cannot be answered as put; the message says what may be asked."""

    reason = "query_invalid"
    http_status = 400


class CursorInvalid(InputError):
    """A cursor is not one of ours, was altered, or belongs to another question."""

    reason = "cursor_invalid"
    http_status = 400


class SettingInvalid(InputError):
    """A setting is missing or contradicts another."""

    reason = "setting_invalid"


class PolicyInvalid(InputError):
    """A policy file cannot be read; the message gives file and line."""

    reason = "policy_invalid"


class TruthInvalid(InputError):
    """What is told of calls for scoring cannot be used; the message gives file and place."""

    reason = "truth_invalid"


class TextInvalid(InputError):
    """The text is not UTF-8; the message tells near which byte."""

    reason = "text_invalid"


class TranscriptInvalid(InputError):
    """The transcript cannot be read, or contradicts itself; the message tells in which turn."""

    reason = "transcript_invalid"


class RecordingUnknown(InputError):
    """There is no recording of that id."""

    reason = "recording_unknown"
    http_status = 404


class EventUnsealed(InputError):
    """The event is in no checkpoint yet, so nothing proves it; the sequencer signs one within seconds."""

    reason = "event_unsealed"
    http_status = 409


class RecordingUnverified(InputError):
    """The recording was not found clean when it was listened to again; it is not handed to others."""

    reason = "recording_unverified"
    http_status = 409


class StateConflict(InputError):
    """The recording is not in a state in which this can be done."""

    reason = "state_conflict"
    http_status = 409


class FactsMissing(InputError):
    """Nothing is kept from which the verdict of this recording could be replayed."""

    reason = "facts_missing"
    http_status = 404


class UnderHold(InputError):
    """A legal hold is on it: it may not be destroyed until the hold ends."""

    reason = "legal_hold"
    http_status = 409


class DutyToKeep(InputError):
    """A law asks that it be kept longer; a person has to decide between the two."""

    reason = "duty_to_keep"
    http_status = 409


class IndividualUnknown(InputError):
    """Nothing is known of that person, or what led to them was erased."""

    reason = "individual_unknown"
    http_status = 404


class IncidentUnknown(InputError):
    """There is no incident of that id that is open."""

    reason = "incident_unknown"
    http_status = 404


class MediaError(InputError):
    """The file is not a recording this service can treat."""

    reason = "media_invalid"


class MediaEmpty(MediaError):
    """The file has no bytes, or its audio has no samples."""

    reason = "media_empty"


class MediaUnreadable(MediaError):
    """The bytes are not media, or of a container that is not on the list."""

    reason = "media_unreadable"


class MediaTruncated(MediaError):
    """The file breaks off; what is there does not decode to its end."""

    reason = "media_truncated"


class MediaUnsupported(MediaError):
    """Media, but of a kind that is not treated yet."""

    reason = "media_unsupported"


class MediaChained(MediaError):
    """Several recordings stand in one file, one behind the other; split it and treat each by itself."""

    reason = "media_chained"


class MediaChanging(MediaError):
    """The file changed while it was read; wait until whoever writes it is done."""

    reason = "media_changing"


class NoAudio(MediaError):
    """The file has no audio stream."""

    reason = "no_audio"


class AudioSilent(MediaError):
    """The file holds no sound at all; most likely the recorder failed."""

    reason = "audio_silent"


class TooManyChannels(MediaError):
    """More than two channels; who is who cannot be told."""

    reason = "too_many_channels"


class PlaylistInvalid(MediaError):
    """A playlist is not what is treated: the finished list of one recording's own segments, no more."""

    reason = "playlist_invalid"


class WebhookError(InputError):
    """A webhook that is not accepted."""

    reason = "webhook_invalid"


class SignatureInvalid(WebhookError):
    """The token is missing, expired, or does not match the body."""

    reason = "signature_invalid"
    http_status = 401


class BodyTooLarge(WebhookError):
    """The body is over the limit; it was not read to its end."""

    reason = "body_too_large"
    http_status = 413


class BodyInvalid(WebhookError):
    """Signed, but not a webhook event."""

    reason = "body_invalid"
    http_status = 422


class AccessError(InputError):
    """The caller may not do this."""

    reason = "access_denied"
    http_status = 403


class TokenMissing(AccessError):
    """No bearer token was sent."""

    reason = "token_missing"
    http_status = 401


class TokenInvalid(AccessError):
    """The bearer token is unknown, expired or revoked."""

    reason = "token_invalid"
    http_status = 401


class RoleInsufficient(AccessError):
    """The token's role does not permit this."""

    reason = "role_insufficient"
    http_status = 403


class FiguresWorse(ComplianceError):
    """A figure is worse than the one recorded; the message names each."""

    reason = "figures_worse"


class EventInvalid(ComplianceError):
    """An audit event the registry does not admit; nothing is written, and the act does not happen."""

    reason = "event_invalid"


class HoldError(ComplianceError):
    """The recording waits for a person; nothing is lost and nothing is released."""

    reason = "held"
    http_status = 409
    exit_code = 3


class ObjectNotAllowed(HoldError):
    """The object named lies outside the configured buckets, or its name is a trick."""

    reason = "object_not_allowed"


class SourceMissing(HoldError):
    """The object named is not there."""

    reason = "source_missing"


class LanguageNotSupported(HoldError):
    """The call, or one side of it, is in a language for which detection is not measured."""

    reason = "language_not_supported"


class SourceTooLarge(HoldError):
    """The object is over the limit; it was not read to its end, and nothing of it was kept."""

    reason = "source_too_large"


class SourceNotDestroyed(HoldError):
    """The redacted recording is verified, but the source could not be deleted; it is tried again."""

    reason = "source_not_destroyed"


class SealBroken(HoldError):
    """Encrypted data does not open: it was altered, cut off or moved, or the key is another."""

    reason = "seal_broken"


class ValueLeft(HoldError):
    """A file that was to leave still says a value that was removed.  It was not written."""

    reason = "value_left"


class WorkerDied(HoldError):
    """Every try of a stage ended with the death of its worker; short memory is the usual cause."""

    reason = "worker_died"


class DecoderCrashed(HoldError):
    """Decoding the recording crashed, hung or took too much memory; nothing else was touched by it."""

    reason = "decoder_crashed"


class AgreementMissing(HoldError):
    """A vendor handles health information and has no business associate agreement in force."""

    reason = "agreement_missing"


class FilesAlike(HoldError):
    """Two files of one call carry the same voices; which is to be read cannot be told."""

    reason = "files_alike"


class FilesUnplaced(HoldError):
    """The egress names one file several times, and how many there are cannot be told."""

    reason = "several_files"


class StartUnknown(HoldError):
    """When one of the call's files began is not known, so what was said in it has no place in the call."""

    reason = "start_unknown"


class SetupError(ComplianceError):
    """The operator's to mend; the message says how."""

    reason = "setup_incomplete"


class ModelMissing(SetupError):
    """Weights are not there; ``compliance models pull`` fetches them."""

    reason = "model_missing"


class ModelAltered(SetupError):
    """Weights do not match the digest they are pinned to."""

    reason = "model_altered"


class DiskFull(SetupError):
    """No space left; nothing half-written was kept."""

    reason = "disk_full"


class KeyMissing(SetupError):
    """A key of this deployment is not there or cannot be read."""

    reason = "key_missing"


class AuditInvalid(SetupError):
    """The audit log does not verify."""

    reason = "audit_invalid"


class FactsAltered(SetupError):
    """The facts or the verdict that are kept are not those whose digest stands in the audit log."""

    reason = "facts_altered"


class LogForked(AuditInvalid):
    """What was anchored is not the beginning of this log: to sign on would make a second history.

    Most likely the database was restored from a backup.
    """

    reason = "log_forked"


class TimestampInvalid(AuditInvalid):
    """A time stamp is not the pinned authority's, or not over this checkpoint."""

    reason = "timestamp_invalid"


class AnchorUnlocked(SetupError):
    """The anchors' bucket keeps objects without a lock, so its owner could destroy them."""

    reason = "anchor_unlocked"
