"""Calls with a truth, read by the recogniser and written down in the notation of ``fragments/``.

python -m training.hear CALLS OUT --models DIR

CALLS is a folder of recordings with a ``truth.json`` that tells every utterance; OUT a file for ``heard/``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper.audio import decode_audio

from compliance.records import Conversation, Role
from compliance.transcribe.heard import Recogniser
from compliance.transcribe.listen import listen
from compliance.transcribe.whisper import Whisper
from compliance.transcribe.windows import RATE
from training.aligned import bare, labels, marked, said
from training.fragments import SURE

WHISPER = "whisper-base"
SIDES = {"agent": Role.AGENT, "caller": Role.CALLER}


def main() -> None:
    """Read every call, and write them down."""
    parser = argparse.ArgumentParser(
        prog="python -m training.hear", description="Label calls as they are read."
    )
    parser.add_argument("calls", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--models", type=Path, required=True, help=f"folder with {WHISPER}")
    options = parser.parse_args()
    recogniser = Whisper(options.models / WHISPER)
    calls = json.loads((options.calls / "truth.json").read_text(encoding="utf-8"))
    written = ["\n".join(lines(read(options.calls, call, recogniser), call)) for call in calls]
    options.out.write_text("\n---\n".join(written) + "\n", encoding="utf-8")


def read(folder: Path, call: Mapping[str, Any], recogniser: Recogniser) -> Conversation:
    """A call as the recogniser reads it."""
    path, is_mono = str(folder / call["files"][0]), call["layout"] == "mono"
    sound = decode_audio(path)[None] if is_mono else np.stack(decode_audio(path, split_stereo=True))
    roles = (Role.UNKNOWN,) if is_mono else tuple(SIDES.values())
    blocks = (sound[:, at : at + RATE] for at in range(0, sound.shape[1], RATE))
    return listen(blocks, recogniser, roles=roles)


def lines(conversation: Conversation, call: Mapping[str, Any]) -> Iterator[str]:
    """Its turns in the notation, each word labelled by what was said; in mono all are one party's.

    After each comes a line of figures: how surely its words were read.
    """
    listed = {
        channel.index: iter(channel_labels(conversation, call, channel.index))
        for channel in conversation.channels
    }
    for turn in conversation.turns:
        side = "C" if conversation.role_of(turn.channel) is Role.CALLER else "A"
        words = [(word, next(listed[turn.channel])) for word in turn.words]
        words = [(word, label) for word, label in words if bare(word.text)]
        if words:
            yield f"{side}: {marked([word.text for word, _ in words], [label for _, label in words])}"
            yield f"{SURE} {''.join(str(min(9, int(10 * word.confidence))) for word, _ in words)}"


def channel_labels(conversation: Conversation, call: Mapping[str, Any], channel: int) -> list[str]:
    """The label of each word of a channel, in the order of its turns."""
    role = conversation.role_of(channel)
    own = [u for u in call["utterances"] if role is Role.UNKNOWN or SIDES[u["channel"]] is role]
    spoken = [word for u in sorted(own, key=lambda u: u["start"]) for word in said(u)]
    heard = [word.text for turn in conversation.turns if turn.channel == channel for word in turn.words]
    return labels(spoken, heard)


if __name__ == "__main__":
    main()
