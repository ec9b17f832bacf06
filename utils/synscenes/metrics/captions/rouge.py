"""ROUGE-L (Lin, 2004) as COCO computes it: the longest common subsequence of words, F-measure with beta 1.2."""

from __future__ import annotations

from collections.abc import Sequence

BETA = 1.2  # Above 1: recall weighs more than precision.


def lcs_table(first: Sequence[str], second: Sequence[str]) -> list[list[int]]:
    """Return the table of the textbook: entry [i][j] is the LCS of the first i and the first j words."""
    table = [[0] * (len(second) + 1)]
    for word in first:
        above, row = table[-1], [0]
        for j, other in enumerate(second):
            row.append(above[j] + 1 if word == other else max(row[j], above[j + 1]))
        table.append(row)
    return table


def lcs_length(first: Sequence[str], second: Sequence[str]) -> int:
    """Return the length of the longest common subsequence.

    A row of the table goes up by 0 or 1 from cell to cell, so it fits into one integer, a bit a cell, and a whole
    row costs one addition (Hyyrö, 2004): long captions stay cheap.
    """
    places: dict[str, int] = {}
    for j, word in enumerate(second):
        places[word] = places.get(word, 0) | 1 << j
    full = (1 << len(second)) - 1
    row = full  # A 0 bit marks a step up.
    for word in first:
        steps = row & places.get(word, 0)
        row = ((row + steps) | (row - steps)) & full
    return len(second) - row.bit_count()


def rouge_l(candidate: Sequence[str], references: Sequence[Sequence[str]], beta: float = BETA) -> float:
    """Return ROUGE-L of one candidate: the best precision and the best recall, each over all references.

    The two may come from different references: that is pycocoevalcap's definition, to which this is equal. An empty
    candidate scores 0.
    """
    common = [lcs_length(candidate, reference) for reference in references]
    if not any(common):
        return 0.0
    precision = max(common) / len(candidate)
    recall = max(each / len(reference) for each, reference in zip(common, references) if reference)
    return (1 + beta**2) * precision * recall / (recall + beta**2 * precision)
