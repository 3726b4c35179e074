"""Recordings in HLS segments, from the signed webhook to what is released and what is destroyed."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
import servers
from bundled import asked, made
from fakecall import SECRETS, USER, FakeEngines, sound
from pydantic import SecretStr
from segmented import played, seen, segments, write_hls

from compliance.bootstrap import build
from compliance.byhand import Order, process
from compliance.cutting import TONE
from compliance.errors import MediaTruncated, PlaylistInvalid, StorageUnavailable
from compliance.intake.handle import drain
from compliance.intake.livekit import sign
from compliance.intake.receive import receive
from compliance.parts import Parts
from compliance.people import destroy_held, retry_held
from compliance.pipeline import run_all
from compliance.records import RecordingId, State
from compliance.results import manifest_of
from compliance.schemas.check import faults
from compliance.settings import load
from compliance.store import events, recordings
from compliance.store.objects import Objects
from compliance.store.recordings import RecordingRow
from compliance.tidy import Tidier

FIXTURES = Path(__file__).parents[2] / "fixtures" / "livekit"
KEY, SECRET = "APItestKey0001", SecretStr("a-secret-made-up-for-the-tests-0123456789")
RATE = 44_100
FOLDER = "calls/desk"
WHY = "the caller asked for it"


@dataclass
class Deployment:
    """A deployment, and the store in which Egress leaves recordings."""

    parts: Parts
    store: Objects
    bucket: str

    def upload(self, playlist: Path, *, texts: dict[str, str] | None = None) -> None:
        """Leave a recording as Egress does: segments, playlists and manifest."""
        for each in segments(playlist):
            self.store.put(f"{FOLDER}/{each.name}", each, content_type="video/mp2t")
        side = f"{FOLDER}/{self._info()['egressId']}.json"
        whole = {f"{FOLDER}/call.m3u8": playlist.read_text(), f"{FOLDER}/live.m3u8": "#EXTM3U\n", side: "{}"}
        for name, text in (whole | (texts or {})).items():
            self.store.put_bytes(name, text.encode(), content_type="text/plain")

    def ended(self, playlist: Path, **more: Any) -> RecordingRow:
        """Tell of its end by a signed webhook, and run every stage that follows from it."""
        body = json.loads((FIXTURES / "ended_complete.json").read_bytes())
        told = {
            "playlistName": f"{FOLDER}/call.m3u8",
            "livePlaylistName": f"{FOLDER}/live.m3u8",
            "playlistLocation": f"https://{self.bucket}.s3.amazonaws.com/{FOLDER}/call.m3u8",
            "segmentCount": str(len(segments(playlist))),
            "size": str(sum(each.stat().st_size for each in segments(playlist))),
            "startedAt": "1795500005250123456",
        }
        body["egressInfo"] = self._info() | {"segmentResults": [told | more]}
        raw = json.dumps(body).encode()
        now_ms = int(body["createdAt"]) * 1000
        receive(raw, sign(raw, KEY, SECRET), self.parts.intake, now_ms=now_ms)
        drain(self.parts.intake, now_ms=now_ms)
        return self.run()

    def run(self) -> RecordingRow:
        """Every stage that is due."""
        if self.row.state is State.PROCESSING:
            run_all(self.parts, self.row.id)
        return self.row

    @property
    def row(self) -> RecordingRow:
        """The recording as it stands."""
        with self.parts.database.read() as connection:
            return next(iter(recordings.page(connection)))

    def left(self) -> set[str]:
        """What lies in the bucket."""
        return set(self.store.names(""))

    def _info(self) -> dict[str, Any]:
        info = json.loads((FIXTURES / "ended_complete.json").read_bytes())["egressInfo"]
        prefix = {"filenamePrefix": FOLDER + "/call", "playlistName": FOLDER + "/call.m3u8"}
        bucket = {"s3": {"bucket": self.bucket}}
        del info["fileResults"], info["file"], info["roomComposite"]["fileOutputs"]
        info["roomComposite"]["segmentOutputs"] = [prefix | bucket]
        return dict(info)


def built(home: Path, bucket: str, **more: Any) -> Parts:
    """The parts of a deployment over a bucket."""
    keys = {KEY: SECRET.get_secret_value()}
    settings = load(
        home=home,
        source_buckets=(bucket,),
        livekit_keys=keys,
        webhook_max_age_s=10**9,
        max_attempts=1,
        **more,
    )
    return replace(build(settings, seals=True), engines=FakeEngines())


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """Everything in folders."""
    bucket = f"file://{tmp_path / 'bucket'}"
    (tmp_path / "bucket").mkdir()
    parts = built(tmp_path / "home", bucket)
    yield Deployment(parts=parts, store=parts.stores[bucket], bucket=bucket)
    parts.database.close()


@pytest.fixture
def on_s3(tmp_path: Path, s3_server: servers.S3Server) -> Iterator[Deployment]:
    """Recordings in a bucket that keeps versions."""
    bucket = f"calls-{secrets.token_hex(4)}"
    client = boto3.client(
        "s3",
        endpoint_url=s3_server.endpoint,
        aws_access_key_id=s3_server.access_key,
        aws_secret_access_key=s3_server.secret_key,
        region_name="us-east-1",
    )
    client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    parts = built(
        tmp_path / "home",
        bucket,
        s3_endpoint=s3_server.endpoint,
        s3_access_key=s3_server.access_key,
        s3_secret_key=s3_server.secret_key,
    )
    yield Deployment(parts=parts, store=parts.stores[bucket], bucket=bucket)
    assert not client.list_object_versions(Bucket=bucket).get("Versions", [])
    parts.database.close()
    client.close()


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The call in segments of four seconds."""
    return write_hls(tmp_path_factory.mktemp("call"), sound(RATE), rate=RATE)


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a picture."""
    return write_hls(tmp_path_factory.mktemp("filmed"), sound(RATE), rate=RATE, has_picture=True)


def kinds(parts: Parts, recording_id: RecordingId) -> Counter[str]:
    with parts.database.read() as connection:
        return Counter(each.kind for each in events.of_recording(connection, recording_id))


def manifest(parts: Parts, row: RecordingRow) -> dict[str, Any]:
    made_of_it = manifest_of(parts, row)
    assert made_of_it is not None
    assert faults(made_of_it) == []
    return made_of_it


def written(parts: Parts, row: RecordingRow, folder: Path) -> Path:
    """The outputs as files; the playlist's path."""
    folder.mkdir()
    for name in parts.outputs.names(f"{row.id}/"):
        (folder / name.rpartition("/")[2]).write_bytes(b"".join(parts.outputs.open(name)))
    return folder / "playlist.m3u8"


def tone_share(samples: np.ndarray, rate: int) -> float:
    """How much of a stretch is the tone."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    at = round(TONE.hz * len(samples) / rate)
    return float(spectrum[at - 5 : at + 6].sum() / spectrum.sum())


def test_segments_are_released_as_one_stream_with_its_playlist(
    on_s3: Deployment, call: Path, tmp_path: Path
) -> None:
    """From the webhook: joined, redacted, listed by digest; every object of the original is destroyed."""
    on_s3.upload(call)

    row = on_s3.ended(call)

    assert (row.state, row.reasons) == (State.RELEASED, ())
    assert on_s3.left() == set()
    told = manifest(on_s3.parts, row)
    [source] = told["sources"]
    bodies = [each.read_bytes() for each in segments(call)]
    assert source["container"] == "mpegts"
    assert source["sha256"] == hashlib.sha256(b"".join(bodies)).hexdigest()
    assert [(each["size_bytes"], each["sha256"]) for each in source["segments"]] == [
        (len(body), hashlib.sha256(body).hexdigest()) for body in bodies
    ]
    assert (told["unaltered"]["kept"], told["unaltered"]["why"]) == ("encoded_again", "codec")

    playlist = written(on_s3.parts, row, tmp_path / "out")
    digests = {each["file"]: each["sha256"] for each in told["outputs"]}
    assert digests["playlist.m3u8"] == hashlib.sha256(playlist.read_bytes()).hexdigest()
    assert {"playlist.m3u8", "redacted.ts"} <= set(told["release"]["searched"])
    heard, rate = played(playlist)
    original, _ = played(call)
    assert abs(heard.shape[1] - original.shape[1]) <= 1024
    for cut in told["cuts"]:
        part = slice((cut["start_ms"] + 50) * rate // 1000, (cut["end_ms"] - 50) * rate // 1000)
        assert tone_share(heard[cut["channel"], part], rate) > 0.9
    said = b"".join(each.read_bytes() for each in playlist.parent.iterdir()).lower()
    assert not any(word.encode() in said for word in SECRETS if len(word) > 5)
    assert b"2026" not in playlist.read_bytes()


def test_every_object_that_held_the_call_is_counted(deployment: Deployment, call: Path) -> None:
    """The event of the source's destruction counts segments, both playlists and Egress's manifest."""
    deployment.upload(call)
    row = deployment.ended(call)

    with deployment.parts.database.read() as connection:
        told = [json.loads(each.body) for each in events.of_recording(connection, row.id)]
    [deleted] = [each["fields"] for each in told if each["kind"] == "source.deleted"]
    assert deleted["objects"] == len(segments(call)) + 3


def test_a_picture_goes_along(deployment: Deployment, filmed: Path, tmp_path: Path) -> None:
    """H.264 is copied: the manifest proves it, and as many pictures are shown."""
    deployment.upload(filmed)

    row = deployment.ended(filmed)

    assert row.state is State.RELEASED
    assert manifest(deployment.parts, row)["unaltered"]["picture"]
    playlist = written(deployment.parts, row, tmp_path / "out")
    assert seen(playlist) == seen(filmed)
    lines = playlist.read_text().splitlines()
    assert lines.count("redacted.ts") == len(segments(filmed))


def test_a_bundle_holds_the_playlist(deployment: Deployment, call: Path, tmp_path: Path) -> None:
    """Evidence is exported and checked as of any other recording."""
    deployment.upload(call)
    row = deployment.ended(call)

    made(deployment.parts, asked(deployment.parts, row.id), tmp_path / "bundle.zip")

    with zipfile.ZipFile(tmp_path / "bundle.zip") as bundle:
        assert any(name.endswith(f"{row.id}/playlist.m3u8") for name in bundle.namelist())


def failing(deployment: Deployment, act: str, times: int) -> None:
    """The store does not answer for a while, from the third segment on."""
    store, left = deployment.store, [times]

    class Failing:
        def __getattr__(self, name: str) -> Any:
            return getattr(store, name) if name != act else self._act

        def _act(self, name: str) -> Any:
            if name.endswith("_00002.ts") and left[0]:
                left[0] -= 1
                raise StorageUnavailable("the store does not answer")
            return getattr(store, act)(name)

    deployment.parts = replace(
        deployment.parts,
        stores={deployment.bucket: Failing()},
        settings=deployment.parts.settings.model_copy(update={"max_attempts": 3}),
    )


def test_a_store_that_does_not_answer_in_the_middle_is_asked_again(
    deployment: Deployment, call: Path
) -> None:
    """The recording is the same as if it had answered at once, and told of once."""
    deployment.upload(call)
    failing(deployment, "open", 2)

    row = deployment.ended(call)

    assert row.state is State.RELEASED
    assert kinds(deployment.parts, row.id)["recording.ingested"] == 1
    [source] = manifest(deployment.parts, row)["sources"]
    whole = b"".join(each.read_bytes() for each in segments(call))
    assert source["sha256"] == hashlib.sha256(whole).hexdigest()
    assert len(source["segments"]) == len(segments(call))
    assert deployment.left() == set()


def test_a_destruction_that_is_stopped_in_the_middle_goes_on(deployment: Deployment, call: Path) -> None:
    """Released, with the source still owed; nothing is forgotten, and at the end nothing is left."""
    deployment.upload(call)
    failing(deployment, "delete", 1)

    row = deployment.ended(call)

    assert (row.state, row.reasons) == (State.RELEASED, ("source_not_destroyed",))
    assert deployment.left() != set()
    Tidier(deployment.parts).tidy()
    assert deployment.row.reasons == ()
    assert deployment.left() == set()


ELSEWHERE = ["file:///etc/passwd", "/etc/passwd", "../other-recording/call_00001.ts", "other_00001.ts"]


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_playlist_that_leads_elsewhere_is_held_and_nothing_is_opened(
    deployment: Deployment, call: Path, name: str
) -> None:
    """Nothing of what it names, and no segment before or behind it, is fetched."""
    text = call.read_text().replace("call_00001.ts", name)
    deployment.upload(call, texts={f"{FOLDER}/call.m3u8": text})
    opened = spied(deployment)

    row = deployment.ended(call)

    assert (row.state, row.reasons) == (State.HELD, ("playlist_invalid",))
    assert opened == [f"{FOLDER}/call.m3u8"]
    assert deployment.parts.vault.names(row.id) == []


def spied(deployment: Deployment) -> list[str]:
    """What is opened in the bucket from now on."""
    opened: list[str] = []
    store = deployment.store

    class Spy:
        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        def open(self, name: str) -> Iterator[bytes]:
            opened.append(name)
            return store.open(name)

    deployment.parts = replace(deployment.parts, stores={deployment.bucket: Spy()})
    return opened


def test_a_recording_without_one_of_its_segments_is_held_until_it_is_there(
    deployment: Deployment, call: Path
) -> None:
    """What was said in it would be missing; put where it belongs, the recording is released."""
    deployment.upload(call)
    missing = segments(call)[1]
    deployment.store.delete(f"{FOLDER}/{missing.name}")

    row = deployment.ended(call)

    assert (row.state, row.reasons) == (State.HELD, ("source_missing",))
    deployment.store.put(f"{FOLDER}/{missing.name}", missing, content_type="video/mp2t")
    retry_held(deployment.parts, row.id, USER)
    assert deployment.run().state is State.RELEASED
    assert deployment.left() == set()


@pytest.mark.parametrize("less", [100, 188, 1880, 40_000])
def test_a_segment_that_breaks_off_is_held(
    deployment: Deployment, call: Path, tmp_path: Path, less: int
) -> None:
    """Within a packet or between two, though nobody tells how large it was."""
    deployment.upload(call)
    part = segments(call)[1]
    deployment.store.put_bytes(f"{FOLDER}/{part.name}", part.read_bytes()[:-less], content_type="video/mp2t")

    row = deployment.ended(call, size="0")

    assert row.state is State.HELD
    assert set(row.reasons) & {"media_truncated", "gap_in_speech"}


def test_segments_of_another_size_than_was_uploaded_are_held(deployment: Deployment, call: Path) -> None:
    """Egress tells how many bytes there are."""
    deployment.upload(call)

    row = deployment.ended(call, size="4711")

    assert (row.state, row.reasons) == (State.HELD, ("media_truncated",))


def test_a_recording_that_lacks_its_end_is_held(deployment: Deployment, call: Path) -> None:
    """Of the last segment a tenth is left: no packet's number is missing, but the playlist tells of more."""
    *others, last, short = segments(call)
    told = [line for line in call.read_text().splitlines() if line != short.name]
    del told[-2]  # the duration of the one that was left out
    deployment.upload(call, texts={f"{FOLDER}/call.m3u8": "\n".join(told) + "\n"})
    data = last.read_bytes()
    left = _to_whole_units(data, len(data) // 10)
    deployment.store.put_bytes(f"{FOLDER}/{last.name}", left, content_type="video/mp2t")

    row = deployment.ended(call, size="0", segmentCount=str(len(others) + 1))

    assert (row.state, row.reasons) == (State.HELD, ("media_truncated",))


def _to_whole_units(data: bytes, size: int) -> bytes:
    """The beginning of a stream, up to where the next unit of sound begins."""
    at = size // 188 * 188
    while b"\x00\x00\x01\xc0" not in data[at : at + 188]:
        at += 188
    return data[:at]


def test_another_number_of_segments_than_was_uploaded_is_held(deployment: Deployment, call: Path) -> None:
    """A segment that the playlist does not name is a piece of the call that nothing would redact."""
    deployment.upload(call)

    row = deployment.ended(call, segmentCount=str(len(segments(call)) + 1))

    assert (row.state, row.reasons) == (State.HELD, ("playlist_invalid",))


def test_a_playlist_that_cannot_be_read_leaves_the_source_owed(deployment: Deployment, call: Path) -> None:
    """Destroyed by a person: what it does not name is not deleted blindly, and not forgotten either."""
    deployment.upload(call, texts={f"{FOLDER}/call.m3u8": "#EXTM3U\n"})
    row = deployment.ended(call)

    destroy_held(deployment.parts, row.id, USER, WHY)

    assert deployment.row.state is State.DESTROYED
    assert deployment.row.reasons == ("source_not_destroyed",)
    assert kinds(deployment.parts, row.id)["source.delete_refused"] == 1
    for each in segments(call):
        deployment.store.delete(f"{FOLDER}/{each.name}")
    Tidier(deployment.parts).tidy()
    assert deployment.row.reasons == ()
    assert deployment.left() == set()


def test_a_held_recording_is_destroyed_with_all_its_segments(deployment: Deployment, call: Path) -> None:
    """Also those that come behind the one that was missing."""
    deployment.upload(call)
    deployment.store.delete(f"{FOLDER}/{segments(call)[1].name}")
    row = deployment.ended(call)

    destroy_held(deployment.parts, row.id, USER, WHY)

    assert (deployment.row.state, deployment.row.reasons) == (State.DESTROYED, ())
    assert deployment.left() == set()


@pytest.fixture
def given(order: Callable[..., Order]) -> Callable[[Path], Order]:
    """What a user tells of a file."""
    return lambda path: replace(order(), path=path)


def test_a_playlist_given_by_hand_is_processed(
    parts: Parts, call: Path, given: Callable[[Path], Order]
) -> None:
    """Its segments lie beside it, and stay there."""
    row = process(parts, given(call), USER)

    assert row.state is State.RELEASED
    assert "playlist.m3u8" in [each["file"] for each in manifest(parts, row)["outputs"]]
    assert all(each.exists() for each in segments(call))


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("file:///etc/passwd", PlaylistInvalid),
        ("../call_00001.ts", PlaylistInvalid),
        ("missing_00001.ts", MediaTruncated),
        ("link_00001.ts", MediaTruncated),
        ("pipe_00001.ts", MediaTruncated),
    ],
)
def test_a_playlist_given_by_hand_leads_nowhere(
    parts: Parts, call: Path, given: Callable[[Path], Order], tmp_path: Path, name: str, error: type
) -> None:
    """Neither by name, nor by a link, nor to what is no file; and nothing of it is kept."""
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "call_00000.ts").write_bytes(segments(call)[0].read_bytes())
    (folder / "link_00001.ts").symlink_to(segments(call)[1])
    os.mkfifo(folder / "pipe_00001.ts")
    (folder / "call.m3u8").write_text(
        f"#EXTM3U\n#EXTINF:4,\ncall_00000.ts\n#EXTINF:4,\n{name}\n#EXT-X-ENDLIST\n"
    )

    with pytest.raises(error):
        process(parts, given(folder / "call.m3u8"), USER)

    with parts.database.read() as connection:
        assert recordings.page(connection) == []
