"""Words to numbers and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from synscenes.errors import CourseError
from synscenes.metrics.captions.tokenizer import tokenize

SPECIAL = ("<pad>", "<start>", "<end>", "<unk>")
PAD, START, END, UNKNOWN = range(4)


@dataclass(frozen=True)
class Vocabulary:
    """The words a model can say, by number; the first four are ``SPECIAL``.

    ``<pad>`` fills up short captions in a batch, ``<start>`` and ``<end>`` stand around every caption, ``<unk>`` stands
    for each word that is not in the list. Raises CourseError for a list that does not begin with these, that is not of
    strings, or that has a word twice.
    """

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        if tuple(self.words[:4]) != SPECIAL:
            raise CourseError(f"a vocabulary begins with {', '.join(SPECIAL)}: make one with Vocabulary.build.")
        for place, word in enumerate(self.words):
            if not isinstance(word, str) or not word:
                raise CourseError(f"vocabulary: word {place} is {word!r}, not a word: give strings.")
        if len(self._numbers) < len(self.words):
            twice = Counter(self.words).most_common(1)[0][0]
            raise CourseError(f"vocabulary: {twice!r} is in it twice: keep one.")

    @classmethod
    def build(cls, captions: Iterable[str], least: int = 5) -> Vocabulary:
        """Return the words that occur at least ``least`` times in some captions, the most frequent first.

        Captions are cut into words as COCO's evaluation does it (``synscenes.metrics.captions.tokenize``). Raises
        CourseError for captions that are no strings, or when no word is left.
        """
        if isinstance(captions, str):
            raise CourseError("captions are one string: give a list of captions.")
        if isinstance(least, bool) or not isinstance(least, int) or least < 1:
            raise CourseError(f"least must be a whole number of at least 1, not {least!r}.")
        counts = Counter(word for caption in captions for word in tokenize(caption) if word not in SPECIAL)
        kept = sorted((word for word, count in counts.items() if count >= least), key=lambda w: (-counts[w], w))
        if not kept:
            raise CourseError(f"no word occurs {least} times in these captions: give more of them, or lower `least`.")
        return cls((*SPECIAL, *kept))

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    def number(self, word: str) -> int:
        """The number of a word; that of ``<unk>`` where it is not in the list."""
        return self._numbers.get(word, UNKNOWN)

    def encode(self, caption: str) -> list[int]:
        """Return a caption as numbers, with ``<start>`` before and ``<end>`` behind.

        A caption can't smuggle in a special word: a ``<end>`` written in it is ``<unk>``.
        """
        found = (UNKNOWN if word in SPECIAL else self.number(word) for word in tokenize(caption))
        return [START, *found, END]

    def decode(self, numbers: Iterable[int]) -> str:
        """Return numbers as a caption in lower case, up to the first ``<end>``; pads and starts are left out.

        Raises CourseError for a number that stands for no word.
        """
        found = []
        for number in map(int, numbers):
            if not 0 <= number < len(self):
                raise CourseError(f"{number} is no word of this vocabulary of {len(self)}: was it made elsewhere?")
            if number == END:
                break
            if number not in (PAD, START):
                found.append(self.words[number])
        return " ".join(found)

    def unknown_share(self, captions: Iterable[str]) -> float:
        """The share of the words of some captions that are not in the list. Raises CourseError for no words."""
        numbers = [number for caption in captions for number in self.encode(caption)[1:-1]]
        if not numbers:
            raise CourseError("these captions hold no words.")
        return sum(number == UNKNOWN for number in numbers) / len(numbers)

    def as_list(self) -> list[str]:
        """The words as a plain list, as a checkpoint keeps them; ``from_list`` reads it back."""
        return list(self.words)

    @classmethod
    def from_list(cls, words: Sequence[Any]) -> Vocabulary:
        """Return the vocabulary that ``as_list`` gave."""
        if isinstance(words, str) or not isinstance(words, (list, tuple)):
            raise CourseError(f"a vocabulary is a list of words, not of type {type(words).__name__}.")
        return cls(tuple(words))
