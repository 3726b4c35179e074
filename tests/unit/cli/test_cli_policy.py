"""``compliance policy``: one place, all at a glance, two folders compared, the map."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from compliance.cli import policy_map
from compliance.cli.policy import app
from compliance.consent import policy
from compliance.errors import ArgumentInvalid, PolicyInvalid
from compliance.schemas.check import faults

RUN = CliRunner()
ROOT = Path(__file__).resolve().parents[3]
PICTURE = ROOT / "docs/images/consent-map.svg"
LAW = policy.load(policy.packaged())
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMPLIANCE_POLICIES", "COMPLIANCE_POLICY_OVERLAY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the packaged policies, to be changed."""
    return Path(shutil.copytree(policy.packaged(), tmp_path / "policies"))


def _change(folder: Path, name: str, *changes: tuple[str, str]) -> None:
    text = (folder / name).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / name).write_text(text)


def _json(*arguments: str) -> Any:
    document = json.loads(RUN.invoke(app, [*arguments, "--json"]).stdout)
    assert faults(document) == []
    return document


ALL_PARTY = (
    ("treat_as: one-party", "treat_as: all-party"),
    ("continuing: not-needed", "continuing: consent"),
)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("tx", "US-TX"),
        ("US-TX", "US-TX"),
        ("US", "US"),
        ("gb", "GB"),
        ("CA", "US-CA"),
        ("Canada", "CA"),
        ("new york", "US-NY"),
        ("CA-ON", "CA"),
        ("PT", "EU"),
    ],
)
def test_a_place_is_found_by_code_or_name(place: str, code: str) -> None:
    """A state comes before a country of the same letters; what has no file is told by what speaks for it."""
    assert [rule["code"] for rule in _json("show", place)["rules"]] == [code]
    assert code in RUN.invoke(app, ["show", place]).stdout


def test_show_tells_that_letters_mean_a_country_too() -> None:
    """CA is California, and Canada can be had as well."""
    assert 'compliance policy show "Canada"' in RUN.invoke(app, ["show", "CA"]).stderr
    assert RUN.invoke(app, ["show", "TX"]).stderr == ""


def test_show_tells_what_speaks_for_a_place_without_a_file() -> None:
    """Nobody is to think that Portugal was looked up."""
    assert "PT has no file of its own; that of EU is applied." in RUN.invoke(app, ["show", "PT"]).stdout


@pytest.mark.parametrize("place", ["ZZ", "US-AS", "CH", "Ruritania"])
def test_show_refuses_a_place_that_nothing_speaks_for(place: str) -> None:
    """With what that means for a call, and where the list is."""
    result = RUN.invoke(app, ["show", place])

    assert isinstance(result.exception, ArgumentInvalid)
    assert "all-party" in str(result.exception)


def test_show_tells_of_a_day_only_what_was_in_force_on_it() -> None:
    """Utah's law on asking has two texts, and one before which there was none."""

    def citations(*day: str) -> list[str]:
        return [
            rule["citation"] for rule in _json("show", "UT", *day)["ai_rules"] if rule["id"] == "us-ut-ask"
        ]

    assert len(citations()) == 2
    assert citations("--date", "2024-06-01") == ["Utah S.B. 149 (2024)"]
    assert citations("--date", "2024-01-01") == []


def test_show_prints_what_an_officer_asks_for() -> None:
    """Citation, penalties, what is not verified, and the digest of the file, uncut on a narrow screen."""
    page = " ".join(RUN.invoke(app, ["show", "WA"], env={"COLUMNS": "60"}).stdout.split())
    ref = LAW.rule("US-WA", date(2026, 11, 22)).policy

    assert ref is not None
    for words in ("9.73.030(1)(a)", "Gross misdemeanour", "not verified", "must be heard in the recording"):
        assert words in page
    assert ref.sha256 in page.replace(" ", "")


def test_table_has_every_jurisdiction_the_united_states_first() -> None:
    """A line for each, whatever the width."""
    codes = [rule["code"] for rule in _json("table")["rules"]]
    lines = RUN.invoke(app, ["table"], env={"COLUMNS": "80"}).stdout.splitlines()

    assert sorted(codes) == list(LAW.codes())
    assert codes[0] == "US"
    assert [code.startswith("US") for code in codes] == sorted(
        (c.startswith("US") for c in codes), reverse=True
    )
    assert [line.split()[0] for line in lines if re.match(r" [A-Z]{2}", line)] == codes
    assert max(map(len, lines)) <= 80
    assert "going on" in RUN.invoke(app, ["table"], env={"COLUMNS": "120"}).stdout


def test_table_is_filtered_by_the_rule_or_by_how_it_is_applied() -> None:
    """Mixed by law and all-party as applied are two questions."""

    def codes(*options: str) -> set[str]:
        return {rule["code"] for rule in _json("table", *options)["rules"]}

    assert codes("--rule", "mixed") >= {"US-OR", "US-MI"}
    assert codes("--rule", "mixed", "--treated", "one-party") == {"US-OR"}
    assert codes("--rule", "unknown") == {"US-GU", "US-VI"}
    assert codes("--treated", "one-party") | codes("--treated", "all-party") == codes()


def _versions(folder: Path, until: str, since: str) -> None:
    """Texas one-party until a day, all-party from another."""
    text = (folder / "consent/us/tx.yaml").read_text()
    head, _, version = text.partition("versions:\n")
    later = version.replace("from: null", f"from: {since}")
    for old, new in ALL_PARTY:
        later = later.replace(old, new)
    earlier = version.replace("until: null", f"until: {until}")
    (folder / "consent/us/tx.yaml").write_text(f"{head}versions:\n{earlier}{later}")


def test_table_takes_a_day(folder: Path) -> None:
    """A version for next year is not in force today."""
    _versions(folder, "2026-12-31", "2027-01-01")

    def treated(day: str) -> str:
        rules = _json("table", "--policies", str(folder), "--date", day)["rules"]
        return str(next(rule["treat_as"] for rule in rules if rule["code"] == "US-TX"))

    assert (treated("2026-12-31"), treated("2027-01-01")) == ("one-party", "all-party")


def test_check_tells_of_a_gap_between_versions(folder: Path) -> None:
    """It is no fault, since the strictest rule counts, but hardly meant."""
    _versions(folder, "2026-12-30", "2027-01-02")
    said = RUN.invoke(app, ["check", "--policies", str(folder)]).stdout

    assert "US-TX: no version is in force from 2026-12-31 to 2027-01-01" in said
    assert "Compared with their sources from 2026-11-22 to 2026-11-22." in said
    assert "no version" not in RUN.invoke(app, ["check"]).stdout


IS, MAY = 'wording: "is"', 'wording: "may"'


def _overlay(tmp_path: Path, name: str, *changes: tuple[str, str], more: str = "") -> Path:
    file = tmp_path / "overlay" / name
    file.parent.mkdir(parents=True)
    file.write_text((policy.packaged() / name).read_text() + more)
    _change(tmp_path / "overlay", name, *changes)
    return tmp_path / "overlay"


def test_an_overlay_is_laid_by_option_or_by_setting(tmp_path: Path) -> None:
    """Whoever checks sees what the service would use."""
    folder = str(_overlay(tmp_path, "consent/us/tx.yaml", *ALL_PARTY))

    (rule,) = _json("show", "TX", "--overlay", folder)["rules"]
    named = RUN.invoke(app, ["show", "TX", "--json"], env={"COMPLIANCE_POLICY_OVERLAY": folder})

    assert rule["treat_as"] == "all-party"
    assert rule["policy"]["file"] == "overlay/consent/us/tx.yaml"
    assert json.loads(named.stdout)["rules"] == [rule]


def test_check_names_the_files_that_loosen(tmp_path: Path) -> None:
    """The one thing in an overlay that an auditor looks for; refused without an approver."""
    looser = (("continuing: not-enough", "continuing: consent"),)
    approval = "loosened_by: {name: A. Counsel, role: counsel, on: 2026-10-01, why: works agreement}\n"
    folder = str(_overlay(tmp_path / "a", "consent/intl/de.yaml", *looser, more=approval))
    unsigned = str(_overlay(tmp_path / "b", "consent/intl/de.yaml", *looser))

    (rule,) = _json("show", "Germany", "--overlay", folder)["rules"]

    assert "overlay-loosening/consent/intl/de.yaml" in RUN.invoke(app, ["check", "--overlay", folder]).stdout
    assert "LOOSENED" in RUN.invoke(app, ["show", "Germany", "--overlay", folder]).stdout
    assert rule["loosened_by"]["role"] == "counsel"
    assert isinstance(RUN.invoke(app, ["check", "--overlay", unsigned]).exception, PolicyInvalid)
    assert "no fault" in RUN.invoke(app, ["check"]).stdout


def test_diff_of_equal_folders_is_empty_and_ends_with_0(folder: Path) -> None:
    """A comment is no difference."""
    file = folder / "consent/us/ca.yaml"
    file.write_text("# looked at again\n" + file.read_text())

    result = RUN.invoke(app, ["diff", str(policy.packaged()), str(folder), "--json"])

    assert result.exit_code == 0
    assert json.loads(result.stdout)["differences"] == []


def test_diff_says_of_each_place_whether_more_is_asked_or_less(folder: Path) -> None:
    """Stricter, looser, both, or the same in other words; added and removed; ends with 1."""
    _change(folder, "consent/us/tx.yaml", *ALL_PARTY)
    _change(folder, "consent/us/wa.yaml", (IS, MAY))
    _change(folder, "consent/us/ca.yaml", (MAY, IS), ("tone_is_notice: false", "tone_is_notice: true"))
    _change(folder, "consent/us/oh.yaml", ("Fourth-degree felony", "Felony of the fourth degree"))
    _change(folder, "ai/us/tx.yaml", ("when: at-start", "when: on-request"))
    _change(folder, "disclosure.yaml", ("ai_scripts: []", "ai_scripts: [{text: I am a machine.}]"))
    (folder / "consent/intl/jp.yaml").unlink()
    (folder / "consent/us/or.yaml").rename(folder / "consent/us/xx.yaml")
    _change(folder, "consent/us/xx.yaml", ('code: "US-OR"', 'code: "US-XX"'))

    result = RUN.invoke(app, ["diff", str(policy.packaged()), str(folder), "--json"])
    document = json.loads(result.stdout)

    assert result.exit_code == 1
    assert faults(document) == []
    assert {each["name"]: (each["presence"], each["change"]) for each in document["differences"]} == {
        "JP": ("removed", "same"),  # no file is as strict as one written from memory
        "US-CA": ("changed", "unlike"),
        "US-OH": ("changed", "same"),
        "US-OR": ("removed", "stricter"),
        "US-TX": ("changed", "stricter"),
        "US-WA": ("changed", "looser"),
        "US-XX": ("added", "looser"),
        "us-tx": ("changed", "looser"),
        "disclosure.yaml": ("changed", None),
    }
    (ohio,) = [each for each in document["differences"] if each["name"] == "US-OH"]
    assert [field["field"] for field in ohio["fields"]] == ["penalties.criminal"]


def test_diff_tells_the_day_from_which_it_differs(folder: Path) -> None:
    """And in text each key with its old and its new value."""
    _versions(folder, "2026-12-31", "2027-01-01")

    said = RUN.invoke(app, ["diff", str(policy.packaged()), str(folder)]).stdout

    assert "US-TX: changed, stricter" in said
    assert "treat_as from 2027-01-01: one-party -> all-party" in said
    assert "effective.until: nothing -> 2026-12-31" in said


def test_diff_sees_a_country_leave_a_union(folder: Path) -> None:
    """What speaks for Portugal changes with the file of the EU."""
    _change(folder, "consent/intl/eu.yaml", ("PT, ", ""))

    (union,) = _json("diff", str(policy.packaged()), str(folder))["differences"]

    assert (union["name"], union["fields"][0]["field"]) == ("EU", "members")


def _drawn() -> ElementTree.Element:
    return ElementTree.fromstring(policy_map.svg(LAW, date(2026, 11, 22)))


def test_the_committed_map_is_what_the_command_draws(tmp_path: Path) -> None:
    """The picture in the documentation shows the files beside it, on the day it names."""
    found = re.search(r"on (\d{4}-\d\d-\d\d)</title>", PICTURE.read_text())
    assert found is not None

    result = RUN.invoke(app, ["map", "-o", str(tmp_path / "map.svg"), "--date", found[1]])

    assert result.exit_code == 0
    assert (tmp_path / "map.svg").read_bytes() == PICTURE.read_bytes()
    assert RUN.invoke(app, ["map", "--date", found[1]]).stdout == PICTURE.read_text()


def test_the_map_has_a_tile_for_every_state_and_territory_that_says_its_rule() -> None:
    """In words on the tile and in its title, so that nothing hangs on colour."""
    tiles = {}
    for group in _drawn().iter(f"{SVG}g"):
        letters, *words = [text.text or "" for text in group.iter(f"{SVG}text")]
        tiles[letters] = " ".join(words), group.findtext(f"{SVG}title") or ""

    assert {f"US-{letters}" for letters in tiles} == {code for code in LAW.codes() if code.startswith("US-")}
    for letters, (words, title) in tiles.items():
        rule = LAW.rule(f"US-{letters}", date(2026, 11, 22))
        assert words == (
            str(rule.kind) if rule.kind.value == rule.applied.value else f"{rule.kind}: {rule.applied}"
        )
        assert rule.name in title
        assert rule.statutes[0] in title


def test_no_two_tiles_lie_upon_each_other() -> None:
    """Each has a square of its own."""
    corners = [
        (square.get("x"), square.get("y"))
        for group in _drawn().iter(f"{SVG}g")
        for square in [next(group.iter(f"{SVG}rect"))]
    ]

    assert len(set(corners)) == len(corners) == 54


def test_the_map_is_told_to_those_who_do_not_see_it() -> None:
    """A title, and a description that names every state with its rule and what is not verified."""
    root = _drawn()
    told = root.findtext(f"{SVG}desc") or ""

    assert root.get("role") == "img"
    assert set((root.get("aria-labelledby") or "").split()) == {"map-title", "map-desc"}
    assert "All-party: CA, FL, IL, MA, MD, MT, NH, PA, PR, WA." in told
    assert told.endswith("Not verified: GU, MS, PR, VI.")


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_word_on_a_tile_can_be_read_and_every_shade_differs_in_grey() -> None:
    """WCAG 2.2, 1.4.3: words stand out 4.5 to 1; each shade is at least a quarter lighter than the next."""
    shades = set()
    for group in _drawn().iter(f"{SVG}g"):
        fill = next(group.iter(f"{SVG}rect")).get("fill") or ""
        shades.add(fill)
        assert all(_contrast(fill, text.get("fill") or "") >= 4.5 for text in group.iter(f"{SVG}text"))

    ordered = sorted(shades, key=_luminance)
    assert len(ordered) == 5
    assert all(_contrast(one, two) >= 1.4 for one, two in pairwise(ordered))


def test_what_is_less_than_verified_is_hatched() -> None:
    """Summaries in one way, memory in another; dark lines on light tiles and light ones on dark."""
    hatched = {
        next(group.iter(f"{SVG}text")).text: rect.get("fill")
        for group in _drawn().iter(f"{SVG}g")
        for rect in group.iter(f"{SVG}rect")
        if (rect.get("fill") or "").startswith("url")
    }

    assert hatched == {
        "MS": "url(#summaries)",
        "PR": "url(#summaries-on-dark)",
        "GU": "url(#memory-on-dark)",
        "VI": "url(#memory-on-dark)",
    }


def test_a_map_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """The file is named."""
    result = RUN.invoke(app, ["map", "-o", str(tmp_path / "nowhere" / "map.svg")])

    assert isinstance(result.exception, ArgumentInvalid)
