"""NLTK's WordNet reader over the course's files: slower and richer than ours, and our reference."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from synscenes.errors import CourseError
from synscenes.wordnet.files import noun_folder


def nltk_wordnet(folder: str | Path | None = None) -> Any:
    """Return ``nltk.corpus.reader.WordNetCorpusReader`` over ``folder`` (default: the course's WordNet 3.0).

    Takes seconds: NLTK reads all parts of speech. Its multilingual functions are off (``omw_reader=None``).
    """
    from nltk.corpus.reader import WordNetCorpusReader

    root = noun_folder(_allowed(folder))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It warns that the multilingual functions are off; we know.
        return WordNetCorpusReader(str(root), omw_reader=None)


def nltk_information_content(name: str = "ic-brown.dat", folder: str | Path | None = None) -> dict:
    """Return NLTK's information-content counts from one file of the wordnet_ic collection.

    The result maps "n" to {offset: count}, with the total under offset 0. Raises CourseError where the file
    is missing.
    """
    from nltk.corpus.reader import WordNetICCorpusReader

    found = sorted(_allowed(folder).rglob(name))
    if not found:
        raise CourseError(
            f'{name} is not among the WordNet files: fetch them with "python -m synscenes assets fetch wordnet".'
        )
    return WordNetICCorpusReader(str(found[0].parent), [name]).ic(name)


def _allowed(folder: str | Path | None) -> Path:
    """Return ``folder`` (or the asset's), after telling NLTK that it may read there."""
    import nltk

    if folder is None:
        from synscenes import assets

        folder = assets.path("wordnet")
    folder = Path(folder).resolve()
    if str(folder) not in nltk.data.path:
        nltk.data.path.append(str(folder))
    return folder
