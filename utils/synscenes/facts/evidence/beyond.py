"""Evidence about what came after the benchmark: who is in the lists, and what newer test sets share."""

from __future__ import annotations

from synscenes import audit


def person_synsets() -> list[int]:
    """the synsets at and below person, n00007846, among the 21,841, and the length of that list."""
    names = audit.class_list("21k")
    return [audit.count_in_branch(names), len(names)]


def person_classes() -> int:
    """the classes of the 1,000 at or below person in WordNet 3.0."""
    return audit.count_in_branch(audit.class_list("1k"))


def shared_by_a_and_r() -> int:
    """the wnids in both of timm's lists, ImageNet-A's and ImageNet-R's."""
    return len(set(audit.class_list("A")).intersection(audit.class_list("R")))


def real_class_range() -> list[int]:
    """the fewest and the most of the 50,000 validation images that carry one class's ReaL label."""
    counts = audit.real_counts()
    return [int(counts.min()), int(counts.max())]
