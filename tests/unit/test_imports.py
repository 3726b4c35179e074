"""Which part of the house may know which: read from the source, so that nothing has to be imported."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

LEVELS: tuple[tuple[str, ...], ...] = (
    ("records", "errors"),
    (
        "settings",
        "schemas",
        "loop",
        "ahead",
        "yaml_file",
        "strands",
    ),  # tells in our errors what cannot be read
    ("store", "models", "manifest"),
    # Under the other stages, since the webhook's row and its event are one transaction, which intake holds.
    ("audit",),
    ("intake", "transcribe", "redact", "consent", "sequencing"),
    ("artifacts", "engines", "duties"),
    ("parts",),
    ("run",),
    ("reels",),
    ("cutting",),
    ("steps",),
    ("lastlook", "originals"),
    ("release",),
    ("tidy", "results", "replay"),
    ("pipeline", "people"),
    ("evidence", "keeping"),
    ("byhand", "embedded"),
    ("evaluate",),
    ("bootstrap",),
    ("starting",),
    ("working",),
    ("workers",),
    ("api",),  # the service hands stages to the workers where there is a broker
    ("cli",),
)
"""From the bottom: a room may import those of lower levels, and never one beside it."""

LIBRARIES: Mapping[str, tuple[str, ...]] = {
    # Edges: each library is known to the modules named, and its errors and kinds end there.
    "av": (
        "compliance.evidence.compare_alone",
        "compliance.redact.encoders",
        "compliance.redact.media",
        "compliance.redact.output",
        "compliance.redact.reader",
        "compliance.redact.remux",
        "compliance.redact.rewrite",
        "compliance.redact.splice",
        "compliance.redact.tape",
    ),
    # The plain chain is stock on purpose: it must not go through the edges that make ours better.
    "faster_whisper": ("compliance.transcribe.whisper", "compliance.evaluate.baseline"),
    "presidio_analyzer": (
        "compliance.redact.detect.presidio",
        "compliance.evaluate.baseline",
        "compliance.evaluate.stock",
    ),
    "tldextract": ("compliance.redact.detect.presidio", "compliance.evaluate.baseline"),
    "onnxruntime": ("compliance.redact.detect.network",),
    "tokenizers": ("compliance.redact.detect.network",),
    "rapidfuzz": ("compliance.consent.scripts", "compliance.redact.detect.hunted"),
    "regex": ("compliance.redact.detect.rules",),
    "presidio_anonymizer": ("compliance.redact.anonymizer",),
    "pydub": ("compliance.redact.tone",),
    "livekit": ("compliance.intake.livekit",),
    "phonenumbers": ("compliance.consent.phone",),
    "boto3": ("compliance.store.s3",),
    "botocore": ("compliance.store.s3",),
    "mypy_boto3_s3": ("compliance.store.s3", "compliance.store.locked"),
    "huggingface_hub": ("compliance.models.hub",),
    "rfc8785": ("compliance.audit.canonical",),
    "redis": ("compliance.cli.broker",),
    "alembic": ("compliance.store.database", "compliance.store.migrations"),
    "cryptography": (
        "compliance.audit.anchors.rfc3161",
        "compliance.audit.note",
        "compliance.store.seal",
        "compliance.store.stream",
    ),
    "rfc3161_client": ("compliance.audit.anchors.rfc3161",),
    "celery": ("workers",),
    "kombu": ("workers",),
    "billiard": ("workers",),
    "typer": ("compliance.cli",),
    "rich": ("compliance.cli",),
    "packaging": ("compliance.cli.checks",),
    "jsonschema": ("compliance.schemas.check",),
    "referencing": ("compliance.schemas.check",),
    "starlette": ("compliance.api",),
    # `serve` has FastAPI's application as its result; uvicorn is what runs it.
    "fastapi": ("compliance.api", "compliance.cli.serve"),
    "uvicorn": ("compliance.cli",),
    # YAML is read where files of ours come in (registry, law, profiles, words), and Presidio's own settings.
    "yaml": (
        "compliance.evaluate.stock",
        "compliance.audit.registry",
        "compliance.consent.policy_yaml",
        "compliance.redact.words",
        "compliance.yaml_file",
    ),
    # Sound is arrays of samples.
    "numpy": (
        "compliance.consent.weigher",
        "compliance.redact",
        "compliance.transcribe",
        "compliance.evaluate.baseline",
    ),
    # At the doors only: settings, bodies, policy files, truth, and what one stage leaves for the next.
    "pydantic": (
        "compliance.settings",
        "compliance.api",
        "compliance.artifacts",
        "compliance.cli",
        "compliance.consent.facts_file",
        "compliance.consent.obligations_file",
        "compliance.consent.policy_file",
        "compliance.consent.policy_yaml",
        "compliance.duties.files",
        "compliance.evaluate.forms",
        "compliance.evaluate.truth_file",
        "compliance.intake.livekit",
        "compliance.intake.parts",
        "compliance.redact.profile_file",
        "compliance.yaml_file",
        "compliance.redact.texts.transcript",
        "compliance.store.s3",
    ),
    "pydantic_settings": ("compliance.settings",),
    # Anyone may hold a Connection, to put several writes into one transaction; a test below keeps it at that.
    "sqlalchemy": ("compliance",),
}
"""Each library from outside, and the modules (with what lies under them) that may import it."""

HANDS_ON_A_CONNECTION = {"Connection"}
"""All that may be imported of SQLAlchemy outside the store."""


def modules() -> Mapping[str, ast.Module]:
    """Every module's syntax tree, by its name."""
    files = [*(ROOT / "compliance").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
    return {_name(path): ast.parse(path.read_text(), str(path)) for path in files}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.Module) -> Iterator[tuple[str, str | None]]:
    """What a module imports, wherever in it: the module named, and the name taken from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((each.name, None) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole path"
            assert node.module is not None
            yield from ((node.module, each.name) for each in node.names)


def graph(trees: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """Our own modules that each module imports."""
    return {
        name: {
            f"{module}.{taken}" if f"{module}.{taken}" in trees else module
            for module, taken in imports(tree)
            if module.partition(".")[0] in ("compliance", "workers")
        }
        for name, tree in trees.items()
    }


def room(module: str) -> str:
    """The room of a module: the second part of its name; the workers are one."""
    parts = module.split(".")
    return parts[1] if parts[0] == "compliance" and len(parts) > 1 else parts[0]


def upward(edges: Mapping[str, set[str]]) -> list[str]:
    """Imports that do not point down the list."""
    level = {name: n for n, names in enumerate(LEVELS) for name in names}
    return sorted(
        f"{one} imports {other}"
        for one, others in edges.items()
        for other in others
        if room(one) != room(other) and room(other) != "compliance"
        if level[room(other)] >= level[room(one)]
    )


TREES = modules()


def test_every_room_has_its_place() -> None:
    """Each module of the house lies in a room of the list, and each room of the list is there."""
    assert {room(name) for name in TREES} - {"compliance"} == {name for names in LEVELS for name in names}


def test_imports_point_down() -> None:
    """No module imports from a higher room or from one beside its own: stages do not know each other."""
    assert upward(graph(TREES)) == []


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        ("compliance.records", "from compliance.errors import ComplianceError"),
        ("compliance.redact.plan", "from compliance.consent import verdict"),
        ("compliance.store.work", "import compliance.audit.log"),
        ("compliance.pipeline", "def late():\n    from compliance.bootstrap import build"),
        ("workers.tasks", "from compliance.api.app import create"),
    ],
)
def test_an_import_upward_is_seen(module: str, statement: str) -> None:
    """An import upward or sideways shows, in a function too."""
    assert len(upward(graph({module: ast.parse(statement)}))) == 1


def test_no_module_imports_itself_by_a_detour() -> None:
    """There is no circle of imports."""
    try:
        TopologicalSorter(graph(TREES)).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_packages_are_empty() -> None:
    """A package's own file imports nothing of ours, so that importing one module brings in no other."""
    packages = [_name(path) for path in ROOT.glob("compliance/**/__init__.py")]
    edges = graph(TREES)
    assert [name for name in packages if edges[name]] == []


def test_libraries_stay_at_their_edges() -> None:
    """Every library is imported by the modules named for it, and by no other."""
    outside = {
        (module.partition(".")[0], name)
        for name, tree in TREES.items()
        for module, _ in imports(tree)
        if module.partition(".")[0] not in {"compliance", "workers", *sys.stdlib_module_names}
    }
    strays = sorted(
        f"{name} imports {library}"
        for library, name in outside
        if not any(name == each or name.startswith(f"{each}.") for each in LIBRARIES.get(library, ()))
    )
    assert strays == []
    assert {library for library, _ in outside} == set(LIBRARIES), "the table names what is used"


def test_sql_stays_in_the_store() -> None:
    """Outside the store a database is a Connection that is handed on; nobody else writes SQL."""
    strays = sorted(
        f"{name} imports {taken} from {module}"
        for name, tree in TREES.items()
        for module, taken in imports(tree)
        if module.partition(".")[0] == "sqlalchemy" and not name.startswith("compliance.store.")
        if taken not in HANDS_ON_A_CONNECTION
    )
    assert strays == []


def test_bootstrap_alone_chooses() -> None:
    """Only bootstrap knows both kinds of object store; everyone else is handed one."""
    both = {"compliance.store.folder", "compliance.store.s3"}
    assert [name for name, others in graph(TREES).items() if both <= others] == ["compliance.bootstrap"]


def test_commands_start_without_models() -> None:
    """Neither commands nor a deployment's parts load speech recognition or spaCy before they need it."""
    heavy = "{'faster_whisper', 'ctranslate2', 'spacy', 'presidio_analyzer', 'av'}"
    code = f"import sys, compliance.cli.main, compliance.settings; print(sorted({heavy} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert ran.stdout.strip() == "[]", ran.stderr
    code = (
        "import sys, compliance.bootstrap; "
        "print(sorted({'faster_whisper', 'ctranslate2', 'spacy', 'presidio_analyzer'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert ran.stdout.strip() == "[]", ran.stderr
