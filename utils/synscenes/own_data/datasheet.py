"""A datasheet: what somebody who was not there must know before using a dataset.

The questions follow Gebru et al. 2021 (Datasheets for Datasets), shortened. What can be counted is counted; the rest
only the makers can answer, and an unanswered question stays visible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

UNANSWERED = "**Not answered yet.**"

QUESTIONS = {
    "purpose": "For what purpose was the dataset made, and by whom?",
    "origin": "Where do the photographs come from, and who holds the rights to them?",
    "consent": "Are people recognisable? Did they consent, and how can they have a photograph removed?",
    "selection": "How were the photographs chosen, and what is missing on purpose or by accident?",
    "annotation": "Who annotated, by which rules, with which tool, and were they paid?",
    "checking": "How were the annotations checked, and what error rate was found?",
    "split": "How was it split, and what keeps near-duplicates from standing on both sides?",
    "uses": "What should it be used for, and what not?",
    "licence": "Under which terms may others use photographs and annotations?",
    "upkeep": "Who mends mistakes, and where are they reported?",
}


def datasheet(title: str, document: Mapping[str, Any], answers: Mapping[str, str] | None = None) -> str:
    """Return the datasheet of a COCO document as Markdown.

    ``answers`` maps names of ``QUESTIONS`` to text. Raises ValueError for a name that is not among them.
    """
    answers = dict(answers or {})
    unknown = set(answers) - set(QUESTIONS)
    if unknown:
        raise ValueError(f"answers: no question is called {min(unknown)!r}; known are {', '.join(QUESTIONS)}")
    lines = [f"# Datasheet: {title}", "", "## Counted", "", *_counted(document), "", "## Told", ""]
    for name, question in QUESTIONS.items():
        lines += [f"**{question}**", "", (answers.get(name) or "").strip() or UNANSWERED, ""]
    return "\n".join(lines)


def unanswered(answers: Mapping[str, str]) -> list[str]:
    """Return the names of the questions that have no answer, in order."""
    return [name for name in QUESTIONS if not (answers.get(name) or "").strip()]


def _counted(document: Mapping[str, Any]) -> list[str]:
    images, entries = document["images"], document["annotations"]
    names = {entry["id"]: entry["name"] for entry in document["categories"]}
    sizes = Counter((image["width"], image["height"]) for image in images)
    counts = Counter(names[entry["category_id"]] for entry in entries)
    empty = len({image["id"] for image in images} - {entry["image_id"] for entry in entries})
    (width, height), common = sizes.most_common(1)[0] if sizes else ((0, 0), 0)
    lines = [
        f"- {len(images):,} photographs, {common:,} of them {width} × {height}; {empty:,} without any annotation.",
        f"- {len(entries):,} annotations in {len(names)} categories; "
        f"{sum(bool(entry.get('segmentation')) for entry in entries):,} with an outline, "
        f"{sum(bool(entry.get('num_keypoints')) for entry in entries):,} with joints, "
        f"{sum(bool(entry.get('iscrowd')) for entry in entries):,} crowds.",
        "",
        "| Category | Annotations | Photographs |",
        "|:--|--:|--:|",
    ]
    for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        holders = {entry["image_id"] for entry in entries if names[entry["category_id"]] == name}
        lines.append(f"| {name} | {count:,} | {len(holders):,} |")
    unused = sorted(set(names.values()) - set(counts))
    return [*lines, *(["", f"Never used: {', '.join(unused)}."] if unused else [])]
