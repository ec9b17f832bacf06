"""The plain framework all decoders share, and the first of them: Show and Tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from synscenes.captioning.vocabulary import PAD, Vocabulary
from synscenes.errors import CourseError


@dataclass(frozen=True)
class Batch:
    """Images with the words said so far: ``features`` (B, cells, channels), ``words`` (B, T) numbers from <start> on.

    It can be cut like a tensor, so that a training loop may do a batch in parts.
    """

    features: torch.Tensor
    words: torch.Tensor

    def __len__(self) -> int:
        return len(self.words)

    def __getitem__(self, rows: Any) -> Batch:
        return Batch(self.features[rows], self.words[rows])


class Captioner(nn.Module):
    """What every decoder here can do. A subclass writes ``start`` and ``step``, and ``logits`` if it has a faster way.

    ``start(features)`` looks at images (B, cells, channels) and returns a state: a dict of tensors, B rows each.
    ``step(state, words)`` takes one more word for each (B,) and returns the logits of the next word (B, V), the new
    state, and where it looked, (B, cells) summing to 1, or None. Rows never mix, so a state may be cut, repeated and
    reordered by rows. ``fixed`` names what in a state follows from the image alone and never changes.
    """

    fixed: tuple[str, ...] = ()

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary

    def start(self, features: torch.Tensor) -> dict[str, torch.Tensor]:
        """Return the state before the first word."""
        raise NotImplementedError

    def step(self, state: dict[str, torch.Tensor], words: torch.Tensor) -> tuple:
        """Take one word for each row; return (logits, new state, attention)."""
        raise NotImplementedError

    def logits(self, features: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        """Teacher forcing: given the true words up to each place (B, T), return the logits of the next (B, T, V)."""
        state, found = self.start(features), []
        for column in words.T:
            logits, state, _ = self.step(state, column)
            found.append(logits)
        return torch.stack(found, dim=1)

    def forward(self, batch: Batch) -> torch.Tensor:
        """What training calls: ``logits`` of a batch."""
        return self.logits(batch.features, batch.words)


class ShowAndTell(Captioner):
    """Vinyals et al. 2015: the image is the first "word" an LSTM reads.

    The image is one vector, the mean over all cells. After that first moment the LSTM has to remember what it saw.
    """

    def __init__(self, vocabulary: Vocabulary, channels: int, width: int = 128, dropout: float = 0.1) -> None:
        super().__init__(vocabulary)
        self.image = nn.Sequential(nn.LayerNorm(channels), nn.Dropout(dropout), nn.Linear(channels, width))
        self.embed = nn.Embedding(len(vocabulary), width, padding_idx=PAD)
        self.lstm = nn.LSTM(width, width, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.say = nn.Linear(width, len(vocabulary))

    def start(self, features: torch.Tensor) -> dict[str, torch.Tensor]:
        picture = self.image(features.mean(dim=1))[:, None]
        _, (hidden, cell) = self.lstm(picture)
        return {"hidden": hidden[0], "cell": cell[0]}

    def step(self, state: dict[str, torch.Tensor], words: torch.Tensor) -> tuple:
        inputs = self.dropout(self.embed(words))[:, None]
        out, (hidden, cell) = self.lstm(inputs, (state["hidden"][None], state["cell"][None]))
        return self.say(self.dropout(out[:, 0])), {"hidden": hidden[0], "cell": cell[0]}, None

    def logits(self, features: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        # All true words are known, so the LSTM may read image and words in one go.
        picture = self.image(features.mean(dim=1))[:, None]
        out, _ = self.lstm(torch.cat([picture, self.dropout(self.embed(words))], dim=1))
        return self.say(self.dropout(out[:, 1:]))


def build(name: str, vocabulary: Vocabulary, channels: int, seed: int = 0, **options: Any) -> Captioner:
    """Return a new decoder by name: "show and tell", "attention" or "transformer". ``seed`` decides its first weights.

    ``channels``: numbers in each cell of the features. Raises CourseError for another name.
    """
    from synscenes.captioning.attention import ShowAttendAndTell
    from synscenes.captioning.transformer import TransformerDecoder

    kinds = {"show and tell": ShowAndTell, "attention": ShowAttendAndTell, "transformer": TransformerDecoder}
    if name not in kinds:
        raise CourseError(f"no decoder is called {name!r}: choose one of {', '.join(kinds)}.")
    torch.manual_seed(seed)
    return kinds[name](vocabulary, channels, **options)
