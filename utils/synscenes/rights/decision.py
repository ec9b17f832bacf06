"""A decision that names its rules: may this material be used in this way? No legal advice.

The table ``data/rights.toml`` holds sources, terms, rules and data sets. A use is one of ``ACTS`` for one of
``PURPOSES`` in one of ``PLACES``. Each part of the material that the act touches is compared with each rule; the
strictest rule that fires decides, and all that fired are told, with the terms they rest on.
"""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from synscenes.errors import CourseError
from synscenes.rights import licences

VERDICTS = ("yes", "yes-if", "ask", "no")  # from permitted to forbidden
WORDS = {"yes": "yes", "yes-if": "yes, if", "ask": "ask a lawyer", "no": "no"}
ACTS = {
    "numbers": "Train or measure, and publish only numbers",
    "lesson": "Show some photographs to a class or a meeting",
    "figure": "Publish some photographs, on paper or online",
    "annotations": "Pass on annotations, without photographs",
    "weights": "Publish or sell trained weights",
    "photos": "Pass on the photographs as they are",
    "changed": "Pass on changed photographs: cropped, cut out, blurred",
}
PURPOSES = {
    "teaching": "teaching and learning",
    "research": "research, not for profit",
    "company": "research inside a company",
    "product": "a product or service that earns money",
}
PLACES = {"eu": "European Union", "us": "United States", "other": "elsewhere"}
_EVERYTHING = ("photos", "annotations", "weights")
TOUCHES = {
    "numbers": _EVERYTHING,
    "weights": _EVERYTHING,
    "lesson": ("photos",),
    "figure": ("photos",),
    "photos": ("photos",),
    "changed": ("photos",),
    "annotations": ("annotations",),
}
NOTICE = "This is a teaching aid, and no legal advice."


@dataclass(frozen=True)
class Source:
    """Where a term stands written: ``name``, and what it ``says`` in our words. ``where``: the places it holds in."""

    id: str
    name: str
    says: str
    where: tuple[str, ...] = tuple(PLACES)


@dataclass(frozen=True)
class Part:
    """One part of some material. ``kind``: "photos", "annotations" or "weights"; ``features``: what rules look at."""

    kind: str
    term: str
    features: frozenset[str]
    source: str


@dataclass(frozen=True)
class Rule:
    """One row of the table: it fires when a part has all of ``has`` and the use is among those it names."""

    id: str
    has: frozenset[str]
    acts: tuple[str, ...]
    purposes: tuple[str, ...]
    where: tuple[str, ...]
    verdict: str
    because: str
    sources: tuple[str, ...]

    def fires(self, part: Part, act: str, purpose: str, where: str) -> bool:
        """Return whether the rule has something to say about this part and this use."""
        named = act in self.acts and purpose in self.purposes and where in self.where
        return named and self.has <= part.features


@dataclass(frozen=True)
class Finding:
    """One rule that fired, for one part, with the sources it rests on: the part's own term first."""

    part: Part
    rule: Rule
    sources: tuple[Source, ...]

    @property
    def verdict(self) -> str:
        """One of ``VERDICTS``."""
        return self.rule.verdict


@dataclass(frozen=True)
class Decision:
    """The answer: ``verdict`` is one of ``VERDICTS``, ``findings`` are what it rests on, the strictest first."""

    verdict: str
    findings: tuple[Finding, ...]

    def reasons(self, verdict: str | None = None) -> list[tuple[Rule, list[Part], list[Source]]]:
        """Return each rule once, with the parts it fired for and the sources it rests on, the strictest first.

        ``verdict`` keeps the rules of that verdict only; ``decision.reasons(decision.verdict)`` are those that decide.
        """
        groups: dict[str, tuple[Rule, list[Part], list[Source]]] = {}
        for finding in self.findings:
            if verdict in (None, finding.verdict):
                _, parts, sources = groups.setdefault(finding.rule.id, (finding.rule, [], []))
                parts.append(finding.part)
                sources += [source for source in finding.sources if source not in sources]
        return list(groups.values())

    def __str__(self) -> str:
        lines = [f"{WORDS[self.verdict].capitalize()}."]
        for rule, parts, sources in self.reasons():
            told_lines = [rule.because, f"{told(parts)}. Rests on: {'; '.join(source.name for source in sources)}"]
            lines.append(f"{WORDS[rule.verdict]} [{rule.id}]")
            lines += [textwrap.fill(line, 104, initial_indent="    ", subsequent_indent="    ") for line in told_lines]
        return "\n".join([*lines, NOTICE])


def told(parts: Iterable[Part]) -> str:
    """Say in words which parts are meant: "photos (CC BY 2.0, CC BY-SA 2.0), annotations (CC BY 4.0)"."""
    terms: dict[str, list[str]] = {}
    for each in parts:
        terms.setdefault(each.kind, []).append(each.term)
    return ", ".join(f"{kind} ({', '.join(dict.fromkeys(names))})" for kind, names in terms.items())


@cache
def table() -> dict[str, Any]:
    """Return the whole table: "sources", "rules" and "datasets" by id, "terms" as read from the file."""
    raw = tomllib.loads(resources.files("synscenes").joinpath("data/rights.toml").read_text("utf-8"))
    found: dict[str, Any] = {"terms": raw["term"]}
    found["sources"] = {
        name: Source(name, **entry | {"where": tuple(entry.get("where", PLACES))})
        for name, entry in raw["source"].items()
    }
    found["rules"] = {entry["id"]: _rule(entry, found["sources"]) for entry in raw["rule"]}
    found["datasets"] = {
        name: (entry["name"], tuple(part(kind, term, found) for kind, term in entry["parts"]))
        for name, entry in raw["dataset"].items()
    }
    return found


def part(kind: str, term: str, known: dict[str, Any] | None = None) -> Part:
    """Return a part by the id of its term ("people") or the name of its licence ("CC BY-NC 2.0").

    Raises ValueError for an unknown kind and CourseError for a term that is neither.
    """
    if kind not in _EVERYTHING:
        raise ValueError(f"kind must be one of {', '.join(_EVERYTHING)}, not {kind!r}")
    terms = (known or table())["terms"]
    if term in terms:
        return Part(kind, terms[term]["name"], frozenset(terms[term]["features"]), terms[term]["source"])
    licence = licences.read(term)
    for name, entry in terms.items():
        if not licence.conditions and entry["name"].lower() == licence.name.lower():
            return part(kind, name, known)
    return Part(kind, licence.name, licence.conditions | {"cc"}, "cc-grant")


def decide(material: str | Iterable[Part], act: str, purpose: str, where: str = "eu") -> Decision:
    """Answer whether ``material`` may be used: a data set's id, or parts. See ``ACTS``, ``PURPOSES``, ``PLACES``.

    Raises CourseError for an unknown data set or word, where the act touches none of the parts, and where no rule
    speaks of those it touches.
    """
    for name, value, choices in (("act", act, ACTS), ("purpose", purpose, PURPOSES), ("where", where, PLACES)):
        if value not in choices:
            raise CourseError(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    touched = [each for each in _parts(material) if each.kind in TOUCHES[act]]
    if not touched:
        raise CourseError(
            f"This material has no {' or '.join(TOUCHES[act])}: there is nothing to decide about {act!r}."
        )
    known = table()
    findings = [
        Finding(each, rule, _cited(each, rule, known["sources"], where))
        for each in dict.fromkeys(touched)
        for rule in known["rules"].values()
        if rule.fires(each, act, purpose, where)
    ]
    if not findings:
        raise CourseError(f"None of this material's terms speaks of {act!r}: add its licence.")
    findings.sort(key=lambda finding: -VERDICTS.index(finding.verdict))
    return Decision(findings[0].verdict, tuple(findings))


def _parts(material: str | Iterable[Part]) -> tuple[Part, ...]:
    if not isinstance(material, str):
        return tuple(material)
    datasets = table()["datasets"]
    if material not in datasets:
        raise CourseError(f"There is no data set {material!r} in the table; it has {', '.join(datasets)}.")
    return datasets[material][1]


def _cited(each: Part, rule: Rule, sources: dict[str, Source], where: str) -> tuple[Source, ...]:
    named = (sources[name] for name in dict.fromkeys([each.source, *rule.sources]))
    return tuple(source for source in named if where in source.where)


def _rule(entry: dict[str, Any], sources: dict[str, Source]) -> Rule:
    rule = Rule(
        entry["id"], frozenset(entry["has"]), tuple(entry.get("acts", ACTS)), tuple(entry.get("purposes", PURPOSES)),
        tuple(entry.get("where", PLACES)), entry["verdict"], entry["because"], tuple(entry.get("sources", ())),
    )  # fmt: skip
    words = ((rule.acts, ACTS), (rule.purposes, PURPOSES), (rule.where, PLACES), (rule.sources, sources))
    for given, known in (*words, ((rule.verdict,), VERDICTS)):
        if unknown := set(given) - set(known):
            raise ValueError(f"rights.toml: rule {rule.id}: {min(unknown)!r} is not known")
    if not rule.has:
        raise ValueError(f"rights.toml: rule {rule.id} asks for no feature")
    return rule
