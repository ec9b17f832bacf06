"""The fact ledger: whatever can be computed gives the ledger's value, and lessons can only quote what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from synscenes import facts
from synscenes.authoring.source import LessonError, lesson_paths, read_lesson
from synscenes.errors import CourseError
from synscenes.facts.evidence import compute, describe
from synscenes.facts.ledger import agrees, ledger_path, load, mentions, substitute

ROOT = Path(__file__).resolve().parents[1]
LEDGER = load()
COMPUTED = [entry for entry in LEDGER.values() if entry.compute]

GOOD = """
[[fact]]
id = "a-fact"
topic = "T"
claim = "C."
verdict = "true"
what_is_so = "W."
quote = "1,234"
value = 1234
cite = "somebody"
lessons = ["05"]
"""


@pytest.mark.parametrize("entry", COMPUTED, ids=lambda entry: entry.id)
def test_computed_value_is_the_ledgers(entry):
    found = compute(entry.compute)
    assert agrees(found, entry), f"{entry.compute}() gives {found!r}, the ledger says {entry.value!r}"
    assert describe(entry.compute) != entry.compute


def test_most_claims_are_computed_and_each_topic_is_there():
    assert len(COMPUTED) >= 50
    assert {entry.topic for entry in LEDGER.values()} >= {"ImageNet", "COCO", "Traps", "The ILSVRC benchmark"}


def test_history_is_eight_winners_falling():
    winners = facts.history()
    assert [entry.year for entry in winners] == list(range(2010, 2018))
    errors = [entry.value for entry in winners]
    assert errors == sorted(errors, reverse=True)
    assert facts.value("human-top5-error") == 5.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("value = 1234", "value = 1300"), "does not hold the value"),
        (('verdict = "true"', 'verdict = "maybe"'), "verdict 'maybe'"),
        (('cite = "somebody"', ""), "no evidence"),
        (('cite = "somebody"', 'cite = "x"\nfound = 1'), "unknown key 'found'"),
        (('claim = "C."', ""), "lacks claim"),
        (('"a-fact"', '"A fact"'), "kebab-case"),
        (('["05"]', '["5"]'), "two digits"),
        (('quote = "1,234"', "quote = 'so \"1,234\"'"), "without double quotes"),
        (('value = 1234\ncite = "somebody"', 'compute = "f"'), "needs the `value`"),
    ],
)
def test_malformed_entries_are_named(tmp_path, change, message):
    path = tmp_path / "facts.toml"
    path.write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(CourseError, match=message):
        load(path)


def test_repeated_id_and_unreadable_file(tmp_path):
    path = tmp_path / "facts.toml"
    path.write_text(GOOD + GOOD, encoding="utf-8")
    with pytest.raises(CourseError, match="fact a-fact: the id is taken"):
        load(path)
    broken = tmp_path / "broken.toml"
    broken.write_text("[[fact", encoding="utf-8")
    with pytest.raises(CourseError, match="cannot be read"):
        load(broken)


@pytest.mark.parametrize(
    ("text", "value", "held"),
    [
        ("14,197,122", 14197122, True),
        ("16.4", 16.42, True),
        ("16.4", 16.5, False),
        ("of 12 and of 17 steps", [12, 17], True),
        ("of 12 steps", [12, 17], False),
        ("2010-2017", 2017, True),
        ("AP of −1", -1.0, True),
        ("AP of 1", -1.0, False),
        ("since 0.13", "0.13", True),
        ("90", 88.55, False),
        ("no number", 3, False),
        ("it changes", True, True),
    ],
)
def test_quotes_are_compared_with_their_values(text, value, held):
    assert mentions(text, value) is held


def test_unknown_ids_get_a_hint():
    with pytest.raises(CourseError, match="did you mean imagenet-size"):
        facts.quote("imagenet-sise")
    with pytest.raises(CourseError, match="no value to compute with"):
        facts.value("imagenet-terms")
    with pytest.raises(CourseError, match="no evidence function"):
        compute("nothing_of_the_kind")


def test_substitute():
    assert substitute("a {{fact:imagenet-size}} b {{ fact:ilsvrc-val }}") == "a 14,197,122 b 50,000"
    assert substitute("$\\{x\\}$ and {{other}}") == "$\\{x\\}$ and {{other}}"
    with pytest.raises(CourseError, match="two braces"):
        substitute("{{fact:imagenet-size}")


def test_lessons_quote_through_the_ledger(tmp_path):
    sample = (ROOT / "tests" / "sample" / "98_sample.md").read_text(encoding="utf-8")
    path = tmp_path / "98_sample.md"
    marker = "\n## Recap\n"
    assert marker in sample
    path.write_text(
        sample.replace(marker, f"{marker}\nQuoted: {{{{fact:imagenet-size}}}}.\n"), encoding="utf-8"
    )
    assert any("Quoted: 14,197,122." in cell.text for cell in read_lesson(path).cells)
    path.write_text(sample.replace(marker, f"{marker}\n{{{{fact:no-such}}}}\n"), encoding="utf-8")
    with pytest.raises(LessonError, match=r"98_sample.md:\d+: cell \d+: the ledger has no fact 'no-such'"):
        read_lesson(path)


def test_every_quoted_id_names_its_lesson():
    missing = []
    for path in lesson_paths(ROOT):
        number = path.stem.partition("_")[0]
        text = path.read_text(encoding="utf-8")
        for identifier in re.findall(r"\{\{\s*fact:([\w-]+)|facts\.(?:quote|value)\(\"([\w-]+)\"", text):
            name = "".join(identifier)
            if number not in facts.fact(name).lessons:
                missing.append(f"{path.name} quotes {name}, whose entry does not list lesson {number}")
    assert missing == []


def test_ledger_file_is_delivered_with_the_package():
    assert ledger_path().parent.name == "data" and ledger_path().is_file()


def test_page_has_every_claim_a_worded_verdict_and_a_source():
    page = facts.page_markdown({"05": "05_ilsvrc_benchmark"})
    assert page.count("::::{container} fact fact-") == len(LEDGER)
    for entry in LEDGER.values():
        assert f"(fact-{entry.id})=" in page and entry.claim in page
    assert len(re.findall(r"^\*\*[✓◐↺✗] (?:True|Partly|Outdated|False)\*\*", page, re.MULTILINE)) == len(
        LEDGER
    )
    assert "[05](notebooks/05_ilsvrc_benchmark.ipynb)" in page
    assert page.count("Computed: ") == len(COMPUTED)
    assert not re.search(r"^\|", page, re.MULTILINE), "one giant table cannot be read on a phone"


def test_page_is_not_written_with_a_wrong_value(monkeypatch):
    from synscenes.facts import page

    monkeypatch.setattr(page, "compute", lambda name: -5)
    with pytest.raises(CourseError, match="the ledger says 21841"):
        page.page_markdown({})


def test_an_entry_is_told_with_verdict_claim_and_source(capsys):
    facts.tell("vit-g-zero-error")
    said = capsys.readouterr().out
    assert said.startswith("✗ False. “ViT-G/14 reached an error of 0.00 % in 2021.”")
    assert "90.45 % top-1" in said and "Source: Zhai" in said
    facts.tell("dog-classes")
    assert capsys.readouterr().out.startswith("◐ Partly")
