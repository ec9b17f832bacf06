"""A reader of WordNet's nouns: who is a kind of what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from synscenes.wordnet.files import BadWnid, UnknownSynset, noun_folder, offset_of, parse_line, wnid_of
from synscenes.wordnet.senses import SenseIndex
from synscenes.wordnet.taxonomy import Taxonomy

__all__ = ["BadWnid", "Synset", "UnknownSynset", "WordNet", "load"]

# A line starts with its own offset; what it is a kind of stands behind "@" ("@i": an instance of).
_HEADS = re.compile(rb"^(\d{8}) [^|]*", re.MULTILINE)
_HYPERNYMS = re.compile(rb" @i? (\d{8}) n ")


@dataclass(frozen=True, slots=True)
class Synset:
    """One meaning: a set of synonyms, a definition, and its neighbours in the hierarchy.

    ``hypernyms`` (more general) and ``hyponyms`` (more special) are wnids, in WordNet's file order; they
    include instance relations (Paris is an *instance* of a national capital), as NLTK's paths do.
    ``name`` is NLTK's: first lemma, part of speech, sense number.
    """

    wnid: str
    offset: int
    name: str
    lemmas: tuple[str, ...]
    definition: str
    examples: tuple[str, ...]
    lexname: str
    is_instance: bool
    hypernyms: tuple[str, ...]
    hyponyms: tuple[str, ...]


def load(folder: str | Path | None = None) -> WordNet:
    """Read WordNet's nouns (about half a second; the second call returns the same object).

    ``folder`` holds data.noun and index.noun; None means the course's WordNet 3.0, the version whose
    offsets ImageNet's wnids are. Raises CourseError where the files are missing.
    """
    if folder is None:
        from synscenes import assets

        folder = assets.path("wordnet")
    return _load(noun_folder(folder).resolve())


@lru_cache(maxsize=4)
def _load(folder: Path) -> WordNet:
    return WordNet(folder)


class WordNet:
    """The noun synsets of one WordNet, keyed by wnid: "n" and the byte where the synset's line starts.

    ``len(wn)``, ``wnid in wn`` and ``for wnid in wn`` work. Every method that takes a wnid raises BadWnid
    for a misspelled one and UnknownSynset for one that does not exist (both are CourseErrors).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._text = (folder / "data.noun").read_bytes()
        self._parents: dict[int, tuple[int, ...]] = {
            int(head[1]): tuple(map(int, _HYPERNYMS.findall(head[0]))) for head in _HEADS.finditer(self._text)
        }
        self._children: dict[int, list[int]] = {offset: [] for offset in self._parents}
        for offset, parents in self._parents.items():
            for parent in parents:
                self._children[parent].append(offset)

    def __len__(self) -> int:
        return len(self._parents)

    def __iter__(self) -> Iterator[str]:
        return map(wnid_of, self._parents)

    def __contains__(self, wnid: object) -> bool:
        try:
            return offset_of(wnid) in self._parents
        except BadWnid:
            return False

    def __repr__(self) -> str:
        return f"<WordNet: {len(self):,} noun synsets>"

    def synset(self, wnid: str) -> Synset:
        """Return the synset of a wnid."""
        offset = self._known(wnid)
        line = parse_line(self._line(offset))
        return Synset(
            wnid,
            offset,
            self._index.name(line.lemmas[0], offset),
            line.lemmas,
            line.definition,
            line.examples,
            line.lexname,
            line.instance,
            hypernyms=tuple(self.parents(wnid)),
            hyponyms=tuple(self.children(wnid)),
        )

    def name(self, wnid: str) -> str:
        """Return a synset's first lemma with spaces: "golden retriever"."""
        return parse_line(self._line(self._known(wnid))).lemmas[0].replace("_", " ")

    def parents(self, wnid: str) -> list[str]:
        """Return the direct hypernyms (and instance hypernyms), in the order of the synset's line."""
        return [wnid_of(offset) for offset in self._parents[self._known(wnid)]]

    def children(self, wnid: str) -> list[str]:
        """Return the direct hyponyms (and instances), by offset."""
        return [wnid_of(offset) for offset in self._children[self._known(wnid)]]

    def ancestors(self, wnid: str) -> list[str]:
        """Return everything ``wnid`` is a kind of, itself excluded, by offset."""
        return self._reach(wnid, self._parents)

    def descendants(self, wnid: str) -> list[str]:
        """Return every kind of ``wnid``, itself excluded, by offset."""
        return self._reach(wnid, self._children)

    def closure(self, wnids: Iterable[str]) -> list[str]:
        """Return ``wnids`` and all their ancestors, each once, by offset."""
        found = {
            offset for wnid in wnids for offset in (self._known(wnid), *map(offset_of, self.ancestors(wnid)))
        }
        return [wnid_of(offset) for offset in sorted(found)]

    def hypernym_paths(self, wnid: str) -> list[list[str]]:
        """Return every path from the root down to ``wnid`` as lists of wnids; shortest first, then by wnid."""

        def paths(offset: int) -> list[list[int]]:
            above = [path for parent in self._parents[offset] for path in paths(parent)]
            return [[*path, offset] for path in above or [[]]]

        found = sorted(paths(self._known(wnid)), key=lambda path: (len(path), path))
        return [[wnid_of(offset) for offset in path] for path in found]

    def depth(self, wnid: str) -> tuple[int, int]:
        """Return the steps from the root along the shortest and along the longest path."""
        row = self._row[self._known(wnid)]
        return int(self._depths[0][row]), int(self._depths[1][row])

    @property
    def max_depth(self) -> int:
        """The longest path in all the nouns (19 steps in WordNet 3.0); Leacock and Chodorow's D."""
        return int(self._depths[1].max())

    def lowest_common_subsumers(self, a: str, b: str) -> list[str]:
        """Return the common ancestors of ``a`` and ``b`` (either may be one) of the greatest longest-path depth.

        This is NLTK's ``lowest_common_hypernyms`` with its defaults. It is empty where nothing is shared.
        """
        shared = {a, *self.ancestors(a)} & {b, *self.ancestors(b)}
        deepest = max((self.depth(wnid)[1] for wnid in shared), default=0)
        return sorted(wnid for wnid in shared if self.depth(wnid)[1] == deepest)

    def senses(self, lemma: str) -> list[str]:
        """Return the wnids of a word's noun senses, the commonest first ("_" or a space within); empty for no noun."""
        return [f"n{offset:08d}" for offset in self._index.senses(lemma.lower().replace(" ", "_"))]

    def search(self, text: str, limit: int = 20) -> list[str]:
        """Return the wnids that a word, a name such as "dog.n.01" or a wnid means.

        Exact lemmas come first, in WordNet's sense order (the commonest first), then lemmas that start with
        the text, then lemmas that contain it. Upper and lower case are the same. Raises ValueError for text
        that is not a string.
        """
        if not isinstance(text, str):
            raise ValueError(f"search() takes a word as a string, not {text!r}")
        wanted = text.strip().lower()
        return (
            [wanted] if wanted in self else [wnid_of(offset) for offset in self._index.search(wanted, limit)]
        )

    def taxonomy(self, wnids: Iterable[str]) -> Taxonomy:
        """Return the hierarchy above ``wnids`` as arrays, for distances between all pairs of them."""
        wnids = list(wnids)
        nodes = sorted(self.closure(wnids), key=lambda wnid: (self.depth(wnid)[1], wnid))
        return Taxonomy(
            wnids,
            nodes,
            parents=[self.parents(node) for node in nodes],
            names=[self.synset(node).name for node in nodes],
            depths=[self.depth(node) for node in nodes],
            taxonomy_depth=self.max_depth,
        )

    def _known(self, wnid: object) -> int:
        offset = offset_of(wnid)
        if offset not in self._parents:
            raise UnknownSynset(self._why_unknown(offset))
        return offset

    def _why_unknown(self, offset: int) -> str:
        offsets = self._offsets
        place = int(np.searchsorted(offsets, offset))
        before, after = (offsets[max(place - 1, 0)], offsets[min(place, len(offsets) - 1)])
        near = [
            f"{wnid_of(int(near))} ({self.name(wnid_of(int(near)))})"
            for near in dict.fromkeys((before, after))
        ]
        return (
            f"{wnid_of(offset)} is not a noun synset of this WordNet: no line of data.noun starts at byte {offset}. "
            f"The nearest that exist are {' and '.join(near)}; search() finds a synset by word."
        )

    def _reach(self, wnid: str, step: dict[int, tuple[int, ...]] | dict[int, list[int]]) -> list[str]:
        todo, seen = [self._known(wnid)], set()
        while todo:
            new = [offset for offset in step[todo.pop()] if offset not in seen]
            seen.update(new)
            todo.extend(new)
        return [wnid_of(offset) for offset in sorted(seen)]

    def _line(self, offset: int) -> bytes:
        # The number in a wnid is where its line starts, so looking one up is a slice.
        return self._text[offset : self._text.index(b"\n", offset)]

    @cached_property
    def _index(self) -> SenseIndex:
        return SenseIndex(self.folder / "index.noun")

    @cached_property
    def _offsets(self) -> np.ndarray:
        return np.array(list(self._parents))

    @cached_property
    def _row(self) -> dict[int, int]:
        return {offset: row for row, offset in enumerate(self._parents)}

    @cached_property
    def _depths(self) -> np.ndarray:
        """Steps from the root to each synset, (2, n): along the shortest path, along the longest."""
        edges = [(self._row[up], self._row[down]) for down, ups in self._parents.items() for up in ups]
        parent, child = np.array(edges).T
        roots = np.array([not ups for ups in self._parents.values()])
        shortest, longest = np.where(roots, 0, len(self)), np.zeros(len(self), int)
        for _ in range(len(self)):  # Each round settles one more level; 19 are enough for WordNet 3.0.
            before = shortest.copy(), longest.copy()
            np.minimum.at(shortest, child, shortest[parent] + 1)
            np.maximum.at(longest, child, longest[parent] + 1)
            if np.array_equal(shortest, before[0]) and np.array_equal(longest, before[1]):
                break
        return np.stack([shortest, longest])
