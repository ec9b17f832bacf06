"""Show, Attend and Tell: an LSTM that looks at the image again before every word."""

from __future__ import annotations

import torch
from torch import nn

from synscenes.captioning.models import Captioner
from synscenes.captioning.vocabulary import PAD, Vocabulary


class SoftAttention(nn.Module):
    """Which cells matter now? A weight for each cell, positive, summing to 1 (Bahdanau et al. 2015)."""

    def __init__(self, cells: int, asking: int, width: int) -> None:
        super().__init__()
        self.cell, self.ask = nn.Linear(cells, width), nn.Linear(asking, width)
        self.score = nn.Linear(width, 1)

    def forward(self, keys: torch.Tensor, values: torch.Tensor, hidden: torch.Tensor) -> tuple:
        """Return the weighted mean of ``values`` (B, cells, C) and the weights (B, cells).

        ``keys`` are ``self.cell(values)``, computed once an image; ``hidden`` (B, H) is what the LSTM has in mind.
        """
        scores = self.score(torch.tanh(keys + self.ask(hidden)[:, None]))[..., 0]
        weights = scores.softmax(dim=1)
        return torch.einsum("bk,bkc->bc", weights, values), weights


class ShowAttendAndTell(Captioner):
    """Xu et al. 2015, with soft attention and their gate; the output is a plain layer on the LSTM and what it saw."""

    fixed = ("cells", "keys")

    def __init__(
        self, vocabulary: Vocabulary, channels: int, width: int = 128, asks: int = 32, dropout: float = 0.1
    ) -> None:
        super().__init__(vocabulary)
        self.image = nn.Sequential(nn.LayerNorm(channels), nn.Dropout(dropout), nn.Linear(channels, width), nn.ReLU())
        self.begin = nn.Linear(width, 2 * width)
        self.attention = SoftAttention(width, width, asks)
        self.gate = nn.Linear(width, width)
        self.embed = nn.Embedding(len(vocabulary), width, padding_idx=PAD)
        self.lstm = nn.LSTMCell(2 * width, width)
        self.dropout = nn.Dropout(dropout)
        self.say = nn.Linear(2 * width, len(vocabulary))

    def start(self, features: torch.Tensor) -> dict[str, torch.Tensor]:
        cells = self.image(features)
        hidden, cell = self.begin(cells.mean(dim=1)).tanh().chunk(2, dim=1)
        return {"hidden": hidden, "cell": cell, "cells": cells, "keys": self.attention.cell(cells)}

    def step(self, state: dict[str, torch.Tensor], words: torch.Tensor) -> tuple:
        hidden, cell, seen, weights = self._turn(state, self.dropout(self.embed(words)))
        logits = self.say(self.dropout(torch.cat([hidden, seen], dim=1)))
        return logits, {**state, "hidden": hidden, "cell": cell}, weights

    def logits(self, features: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        # As ``step`` by ``step``, but all embeddings and all outputs at once: fewer, larger multiplications.
        state, found = self.start(features), []
        for said in self.dropout(self.embed(words)).unbind(dim=1):
            hidden, cell, seen, _ = self._turn(state, said)
            state = {**state, "hidden": hidden, "cell": cell}
            found.append(torch.cat([hidden, seen], dim=1))
        return self.say(self.dropout(torch.stack(found, dim=1)))

    def _turn(self, state: dict[str, torch.Tensor], said: torch.Tensor) -> tuple:
        """Look, then think: one turn of the LSTM with the last word and what was seen."""
        seen, weights = self.attention(state["keys"], state["cells"], state["hidden"])
        seen = seen * self.gate(state["hidden"]).sigmoid()
        hidden, cell = self.lstm(torch.cat([said, seen], dim=1), (state["hidden"], state["cell"]))
        return hidden, cell, seen, weights
