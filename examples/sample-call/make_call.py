"""Make the sample call: call.yaml in, call.ogg and truth.json out.

    python make_call.py --packages FOLDER [--script call.yaml] [--out .]

Needs numpy, onnxruntime, PyAV and PyYAML, and the programs espeak-ng and npm.
FOLDER keeps the packages with the voices, about 100 MB; see voices.py.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import av
import numpy as np
from callscript import load
from numpy.typing import NDArray
from performance import Performance, Stage
from truth import truth
from voices import RATE, Sound, Speaker

Samples = NDArray[np.float64]

OPUS_RATE = 48_000
PACKET = RATE // 50
"""Samples in 20 ms, the length of an Opus packet."""
SPEECH_DBFS = {"agent": -21.0, "caller": -22.0}
NOISE_DBFS = {"agent": -68.0, "caller": -60.0}
"""A line is never digital silence: the agent's is clean, the caller's came over the telephone."""


def levelled(sound: Sound, dbfs: float) -> Sound:
    """The sound with its louder half, where the vowels are, at this RMS level."""
    power = np.sort(sound.astype(np.float64) ** 2)[len(sound) // 2 :]
    return (sound * (gain(dbfs) / math.sqrt(float(power.mean())))).astype(np.float32)


def gain(dbfs: float) -> float:
    return float(10 ** (dbfs / 20))


def stereo(performance: Performance) -> Sound:
    """Both channels at 48 kHz, as Egress records them: agent left, caller right."""
    length = math.ceil((performance.end + 0.8 * RATE) / PACKET) * PACKET
    noise = np.random.default_rng(82)
    channels = {side: noise.normal(scale=gain(level), size=length) for side, level in NOISE_DBFS.items()}
    for side, at, sound in performance.sounds:
        channels[side][at : at + len(sound)] += levelled(sound, SPEECH_DBFS[side])
    caller = resampled(_telephone(channels["caller"]), 2 * length)
    return np.stack([resampled(channels["agent"], 2 * length), caller]).astype(np.float32)


def _telephone(sound: Samples) -> Samples:
    """Through a telephone line: 300-3400 Hz at 8 kHz, then the 8 bits of mu-law (G.711)."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    spectrum *= np.interp(hertz, [200, 300, 3400, 3700], [0, 1, 1, 0])
    line = resampled(np.fft.irfft(spectrum, len(sound)), len(sound) * 8_000 // RATE)
    steps = np.round(127 * np.sign(line) * np.log1p(255 * np.minimum(np.abs(line), 1)) / np.log(256)) / 127
    return np.asarray(np.sign(steps) * np.expm1(np.abs(steps) * np.log(256)) / 255)


def resampled(sound: Samples, length: int) -> Samples:
    """The same sound in another number of samples; by its spectrum, so without delay."""
    return np.asarray(np.fft.irfft(np.fft.rfft(sound), length) * (length / len(sound)))


def write_ogg(path: Path, sound: Sound, *, bit_rate: int = 48_000) -> None:
    """Write one or two channels at 48 kHz as OGG/Opus.

    Muxing is bit-exact, for a random stream serial would change every file.
    """
    layout = "stereo" if len(sound) == 2 else "mono"
    samples = (np.clip(sound, -0.99, 0.99).T * 32767).round().astype(np.int16).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
    frame.sample_rate = OPUS_RATE
    with av.open(str(path), "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=OPUS_RATE, layout=layout)
        stream.bit_rate = bit_rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main() -> None:
    """Read the arguments, make the call and write both files."""
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(description="Make the sample call and its truth.")
    parser.add_argument(
        "--packages", type=Path, required=True, help="folder that keeps the packages with the voices"
    )
    parser.add_argument("--script", type=Path, default=here / "call.yaml")
    parser.add_argument("--out", type=Path, default=here)
    arguments = parser.parse_args()
    arguments.packages.mkdir(parents=True, exist_ok=True)
    call = load(arguments.script)
    performance = Stage(call, Speaker(arguments.packages)).perform()
    sound = stereo(performance)
    write_ogg(arguments.out / "call.ogg", sound)
    duration_s = sound.shape[1] / OPUS_RATE
    told = truth(call, performance, duration_s=duration_s, noise_dbfs=NOISE_DBFS["caller"])
    text = json.dumps([told], indent=1, ensure_ascii=False) + "\n"
    (arguments.out / "truth.json").write_text(text, encoding="utf-8")
    print(f"{duration_s:.2f} s, {(arguments.out / 'call.ogg').stat().st_size} bytes")


if __name__ == "__main__":
    main()
