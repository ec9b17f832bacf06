"""The ledger of results tells what is missing, off, or worse; and its command takes new values over, comments kept."""

from __future__ import annotations

import tomllib

import pytest

from synscenes.authoring.ledger import PROFILES, disagreements, expected_results, rewritten
from synscenes.authoring.source import lesson_paths
from synscenes.errors import CourseError


@pytest.mark.parametrize(
    ("found", "expected", "says"),
    [
        ({"a": 1}, {"a": 1}, None),
        ({"a": 1}, {"a": 2}, "is 1, expected 2"),
        ({"a": 1.05}, {"a": {"value": 1.0, "abs": 0.1}}, None),
        ({"a": 1.2}, {"a": {"value": 1.0, "abs": 0.1}}, "expected 1 ± 0.1"),
        ({}, {"a": 1}, "not recorded"),
        ({"a": 1}, {}, "not in the ledger"),
        ({"a": "x"}, {"a": "y"}, "'x', expected 'y'"),
        ({"a": True}, {"a": False}, "True, expected False"),
        ({"a": "x"}, {"a": 1}, "expected a number"),
        ({"a": 1.09}, {"a": {"value": 1.0, "abs": 0.1, "better": "higher"}}, None),
        ({"a": 0.96}, {"a": {"value": 1.0, "abs": 0.1, "better": "higher"}}, None),
        ({"a": 0.94}, {"a": {"value": 1.0, "abs": 0.1, "better": "higher"}}, "is worse: 0.94, it was 1"),
        ({"a": 0.94}, {"a": {"value": 1.0, "abs": 0.1, "better": "lower"}}, None),
        ({"a": 1.06}, {"a": {"value": 1.0, "abs": 0.1, "better": "lower"}}, "lower is better"),
        ({"a": 0.98}, {"a": {"value": 1.0, "abs": 0.1, "better": "higher", "fall": 0.01}}, "is worse"),
    ],
)
def test_disagreements_are_found(found, expected, says):
    lines = disagreements(found, expected)
    assert (lines == []) if says is None else (len(lines) == 1 and says in lines[0])


@pytest.mark.parametrize("profile", PROFILES)
def test_every_lesson_has_a_ledger_that_makes_sense(root, profile):
    for path in lesson_paths(root):
        assert expected_results(root, path.stem.partition("_")[0], profile)


def test_every_lesson_that_trains_or_predicts_has_key_results(root):
    """Without ``better`` on anything, a fall inside the tolerance would be silent."""
    keyed = {
        path.stem: [name for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).get("laptop", {}).items()
                    if isinstance(entry, dict) and "better" in entry]
        for path in sorted((root / "tests" / "expected").glob("*.toml"))
    }  # fmt: skip
    for lesson in ("04", "07", "08", "10", "12", "13", "16"):
        assert keyed[lesson], f"tests/expected/{lesson}.toml marks no result of its laptop profile as better one way"


@pytest.mark.parametrize("entry", ["{abs = 1}", '{value = 1, better = "up"}', "{value = 1, slack = 2}"])
def test_an_entry_that_makes_no_sense_is_named(tmp_path, entry):
    (tmp_path / "tests" / "expected").mkdir(parents=True)
    (tmp_path / "tests" / "expected" / "07.toml").write_text(f"one = 1\ntwo = {entry}\n")
    with pytest.raises(CourseError, match=r"07\.toml: two needs value"):
        expected_results(tmp_path, "07", "smoke")


OLD = """# Named results.
count = 3
name = "a"

[smoke]
# trained
score = {value = 0.6092, abs = 0.05, better = "higher"}
other = 0.25

[laptop]
score = {value = 0.9, abs = 0.05}
"""


def test_new_values_are_taken_over_and_all_else_stays():
    new = rewritten(OLD, "smoke", {"count": 4, "score": 0.65, "other": 0.25, "fresh": True, "text": 'say "a"'})
    assert new == OLD.replace("count = 3", "count = 4").replace(
        'score = {value = 0.6092, abs = 0.05, better = "higher"}\nother = 0.25\n',
        'score = {value = 0.6500, abs = 0.05, better = "higher"}\nother = 0.25\nfresh = true\ntext = "say \\"a\\""\n',
    )
    assert tomllib.loads(rewritten("# new\n", "laptop", {"a": 1.5})) == {"laptop": {"a": 1.5}}
    assert rewritten(OLD, "smoke", {"count": 3, "score": 0.6092, "other": 0.25}) == OLD


def test_the_command_compares_and_writes(sample_root, monkeypatch, capsys):
    import nbformat

    from synscenes.__main__ import main
    from synscenes.lesson.results import RESULT_MIME

    monkeypatch.chdir(sample_root)
    assert main(["ledger"]) == 1 and "comes first" in capsys.readouterr().err
    folder = sample_root / "_build" / "run" / "solution"
    folder.mkdir(parents=True)
    cell = nbformat.v4.new_code_cell("pass")
    cell.outputs = [nbformat.v4.new_output("display_data", {RESULT_MIME: {"name": "score", "value": 0.7}})]
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "98_sample.ipynb")
    (folder / "report.json").write_text('{"lessons": {"98": {"profile": "smoke", "error": null}}}')
    ledger = sample_root / "tests" / "expected" / "98.toml"
    ledger.parent.mkdir(parents=True)
    ledger.write_text('[smoke]\nscore = {value = 0.8, abs = 0.1, better = "higher"}\n')
    assert main(["ledger", "98"]) == 1
    shown = capsys.readouterr().out
    assert "- score = 0.8\n" in shown and "+ score = 0.7  <- off" in shown and "1 off" in shown
    assert main(["ledger", "98", "--write"]) == 0
    assert ledger.read_text() == '[smoke]\nscore = {value = 0.700, abs = 0.1, better = "higher"}\n'
    assert main(["ledger", "98"]) == 0
