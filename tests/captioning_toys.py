"""Toy decoders and a toy dataset for the tests of captioning."""

from __future__ import annotations

import itertools
import math

import torch

from synscenes.captioning.decoding import Said, log_probabilities
from synscenes.captioning.vocabulary import END, START, Vocabulary

WORDS = ("<pad>", "<start>", "<end>", "<unk>", "a", "dog", "cat", "red")


class Table:
    """A decoder whose next word depends on everything said so far and on the image, at random but for good.

    ``sharpness`` scales the logits: the larger, the surer it is. As ``models.Captioner``, it answers ``start`` and
    ``step``; its state holds the words said, so rows can be reordered.
    """

    def __init__(self, seed: int, sayable: int = 2, sharpness: float = 2.0) -> None:
        self.seed, self.size, self.sharpness = seed, 4 + sayable, sharpness
        self.known: dict[tuple[int, ...], torch.Tensor] = {}

    def start(self, features: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"image": features[:, 0, 0].long(), "said": torch.empty(len(features), 0, dtype=torch.long)}

    def step(self, state: dict[str, torch.Tensor], words: torch.Tensor) -> tuple:
        said = torch.cat([state["said"], words[:, None]], dim=1)
        logits = torch.stack([self._logits((int(image), *row)) for image, row in zip(state["image"], said.tolist())])
        looks = torch.softmax(logits[:, :3], dim=1)
        return logits, {"image": state["image"], "said": said}, looks

    def _logits(self, prefix: tuple[int, ...]) -> torch.Tensor:
        if prefix not in self.known:
            generator = torch.Generator().manual_seed(hash((self.seed, *prefix)) % 2**31)
            self.known[prefix] = self.sharpness * torch.randn(self.size, generator=generator)
        return self.known[prefix]

    def every(self, image: int, longest: int) -> list[Said]:
        """All captions up to ``longest`` words, the unfinished ones of full length included."""
        found = []
        for size in range(1, longest + 1):
            for middle in itertools.product(range(4, self.size), repeat=size - 1):
                ends = [END] if size < longest else [END, *range(4, self.size)]
                for last in ends:
                    words = (*middle, last)
                    found.append(Said(words, self.log_probability(image, words)))
        return found

    def log_probability(self, image: int, words: tuple[int, ...]) -> float:
        total, said = 0.0, (START,)
        for word in words:
            total += float(log_probabilities(self._logits((image, *said))[None])[0, word])
            said = (*said, word)
        return total


class Fixed(Table):
    """A decoder given as a table {words so far: {word: probability}}, for examples by hand; what isn't in it ends."""

    def __init__(self, table: dict[str, dict[str, float]], words: tuple[str, ...] = WORDS) -> None:
        super().__init__(0, len(words) - 4)
        self.vocabulary = Vocabulary(words)
        number = {word: place for place, word in enumerate(words)}
        self.table = {}
        for prefix, chances in table.items():
            logits = torch.full((len(words),), -math.inf)
            for word, chance in chances.items():
                logits[number[word]] = math.log(chance)
            self.table[tuple(number[word] for word in prefix.split())] = logits

    def _logits(self, prefix: tuple[int, ...]) -> torch.Tensor:
        end = torch.full((self.size,), -math.inf)
        end[END] = 0.0
        return self.table.get(prefix[2:], end)  # without the image and <start>


def images(*numbers: int) -> torch.Tensor:
    """Features of toy images: (images, 3 cells, 2 channels), the first value says which image it is."""
    features = torch.zeros(len(numbers), 3, 2)
    features[:, 0, 0] = torch.tensor(numbers)
    return features
