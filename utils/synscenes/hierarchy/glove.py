"""GloVe word vectors: 400,000 words of English, 50 numbers each, of which we read only the rows we need.

Source: Pennington, Socher, Manning, "GloVe: Global Vectors for Word Representation", EMNLP 2014; the 6B set, from
Wikipedia 2014 and Gigaword 5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from synscenes.errors import CourseError
from synscenes.hierarchy.parquet_words import BadParquet
from synscenes.hierarchy.parquet_words import words as words_in

VECTORS, WORDS = "glove_6B_50d_emb.npy", "glove_6B_index.parquet"


def words_of(name: str) -> list[str]:
    """Return a name's words as GloVe writes them: lower case, without hyphens, apostrophes and full stops.

    >>> words_of("St. Bernard's dog")
    ['st', 'bernard', 'dog']
    """
    return [word for word in re.split(r"[^a-zà-ÿ0-9]+", re.sub(r"['’]s?\b", "", name.lower())) if word]


def vectors(words: Iterable[str], folder: str | Path | None = None) -> dict[str, np.ndarray]:
    """Return {word: (50,) float32} for the words that GloVe knows; the others are missing from it.

    Reading stops once all words are found. The vectors' file is mapped, not loaded. Raises CourseError for a
    damaged or absent asset.
    """
    from synscenes import assets

    folder = Path(folder) if folder is not None else Path(assets.path("glove"))
    wanted, rows = set(words), {}
    try:
        for row, word in enumerate(words_in((folder / WORDS).read_bytes()) if wanted else ()):
            if word in wanted:
                rows[word] = row
                if len(rows) == len(wanted):
                    break
        table = np.load(folder / VECTORS, mmap_mode="r", allow_pickle=False)
        return {word: np.array(table[row]) for word, row in rows.items()}
    except (OSError, BadParquet, ValueError, IndexError) as error:
        raise CourseError(f"GloVe can't be read ({error}): run `python -m synscenes assets fetch glove`.") from None


def name_vectors(names: Sequence[str], folder: str | Path | None = None) -> tuple[np.ndarray, list[int]]:
    """Return the mean vector of each name's known words, (names, 50) float32, and the rows with none (zeros).

    Raises CourseError as ``vectors`` does.
    """
    known = vectors({word for name in names for word in words_of(name)}, folder)
    found = [[known[word] for word in words_of(name) if word in known] for name in names]
    width = len(next(iter(known.values()), np.zeros(50)))
    means = [np.mean(rows, axis=0) if rows else np.zeros(width) for rows in found]
    return np.array(means, dtype=np.float32).reshape(len(names), width), [i for i, rows in enumerate(found) if not rows]
