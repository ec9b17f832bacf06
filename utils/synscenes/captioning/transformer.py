"""A small transformer decoder: no memory is passed on; every word looks at all words before it and at the image."""

from __future__ import annotations

import math

import torch
from torch import nn

from synscenes.captioning.models import Captioner
from synscenes.captioning.vocabulary import PAD, Vocabulary
from synscenes.errors import CourseError

LONGEST = 64  # words, <start> included: as many places as there are position vectors


class MultiHeadAttention(nn.Module):
    """Vaswani et al. 2017: several small attentions side by side, each softmax(q kᵀ / √d) v."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.join = nn.Linear(width, width)

    def forward(self, asking: torch.Tensor, asked: torch.Tensor, hidden: torch.Tensor | None = None) -> tuple:
        """Let each of ``asking`` (B, T, W) look at ``asked`` (B, S, W); return (B, T, W) and weights (B, heads, T, S).

        ``hidden`` (T, S) is True where looking is forbidden.
        """
        query, key, value = (
            layer(given).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for layer, given in ((self.query, asking), (self.key, asked), (self.value, asked))
        )
        scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
        if hidden is not None:
            scores = scores.masked_fill(hidden, -math.inf)
        weights = scores.softmax(dim=-1)
        return self.join((weights @ value).transpose(1, 2).flatten(2)), weights


class Block(nn.Module):
    """Words look at words, then at the image, then each thinks for itself; norm first (Xiong et al. 2020)."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.words, self.image = MultiHeadAttention(width, heads), MultiHeadAttention(width, heads)
        self.think = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, cells: torch.Tensor, hidden: torch.Tensor) -> tuple:
        """Return the new x (B, T, W) and where it looked in the image: (B, heads, T, cells)."""
        y = self.norms[0](x)
        x = x + self.dropout(self.words(y, y, hidden)[0])
        seen, weights = self.image(self.norms[1](x), cells)
        x = x + self.dropout(seen)
        return x + self.dropout(self.think(self.norms[2](x))), weights


class TransformerDecoder(Captioner):
    """Embeddings plus positions, some blocks, a layer of logits. A causal mask hides later words from earlier ones."""

    fixed = ("cells",)

    def __init__(
        self,
        vocabulary: Vocabulary,
        channels: int,
        width: int = 96,
        heads: int = 4,
        blocks: int = 2,
        dropout: float = 0.1,
    ) -> None:
        super().__init__(vocabulary)
        self.image = nn.Sequential(nn.LayerNorm(channels), nn.Dropout(dropout), nn.Linear(channels, width))
        self.embed = nn.Embedding(len(vocabulary), width, padding_idx=PAD)
        self.places = nn.Parameter(0.02 * torch.randn(LONGEST, width))
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(blocks))
        self.norm, self.dropout = nn.LayerNorm(width), nn.Dropout(dropout)
        self.say = nn.Linear(width, len(vocabulary))

    def start(self, features: torch.Tensor) -> dict[str, torch.Tensor]:
        nothing = torch.empty(len(features), 0, dtype=torch.long, device=features.device)
        return {"cells": self.image(features), "words": nothing}

    def step(self, state: dict[str, torch.Tensor], words: torch.Tensor) -> tuple:
        # All words again for each new one. Real systems keep the keys and values; for 30 words this is simpler.
        said = torch.cat([state["words"], words[:, None]], dim=1)
        logits, weights = self._read(state["cells"], said)
        return logits[:, -1], {**state, "words": said}, weights[:, :, -1].mean(dim=1)

    def logits(self, features: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        return self._read(self.image(features), words)[0]

    def _read(self, cells: torch.Tensor, words: torch.Tensor) -> tuple:
        count = words.shape[1]
        if count > LONGEST:
            raise CourseError(f"{count} words are more than this transformer's {LONGEST} places: cut the captions.")
        later = torch.ones(count, count, dtype=torch.bool, device=words.device).triu(1)
        x = self.dropout(self.embed(words) * math.sqrt(self.embed.embedding_dim) + self.places[:count])
        for block in self.blocks:
            x, weights = block(x, cells, later)
        return self.say(self.norm(x)), weights
