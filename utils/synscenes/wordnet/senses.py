"""Which synsets a word means: index.noun."""

from __future__ import annotations

import re
from pathlib import Path


class SenseIndex:
    """The lemmas of index.noun and their senses, the commonest first; see wndb(5WN)."""

    def __init__(self, path: Path) -> None:
        text = path.read_text("utf-8", errors="replace")
        lines = (line.partition(" ") for line in text.splitlines() if not line.startswith(" "))
        # Lemma -> the rest of its line ("n", number of senses, ..., their offsets), parsed when asked for.
        self._rest = {lemma: rest for lemma, _, rest in lines}

    def senses(self, lemma: str) -> list[int]:
        """Return the offsets of a lemma's synsets (lower case, "_" for a space); empty for an unknown lemma."""
        fields = self._rest.get(lemma, "").split()
        return [int(field) for field in fields[len(fields) - int(fields[1]) :]] if fields else []

    def name(self, lemma: str, offset: int) -> str:
        """Return NLTK's name of a synset, such as "dog.n.01", from its first lemma."""
        lemma = lemma.lower()
        return f"{lemma}.n.{self.senses(lemma).index(offset) + 1:02d}"

    def search(self, text: str, limit: int) -> list[int]:
        """Return offsets: senses of exactly that lemma or name, then of lemmas that start with it, or hold it."""
        wanted = re.sub(r"[\s_]+", "_", text)
        named = re.fullmatch(r"(.+)\.n\.([0-9]+)", wanted)
        if named:
            number = int(named[2])
            return self.senses(named[1])[max(number - 1, 0) : number]
        if not wanted:
            return []
        starts = [lemma for lemma in self._rest if lemma.startswith(wanted) and lemma != wanted]
        inside = [lemma for lemma in self._rest if wanted in lemma and not lemma.startswith(wanted)]
        found: dict[int, None] = {}
        for lemma in [wanted, *sorted(starts, key=len), *sorted(inside, key=len)]:
            found.update(dict.fromkeys(self.senses(lemma)))
            if len(found) >= limit:
                break
        return list(found)[:limit]
