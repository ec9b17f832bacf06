"""From a trained decoder to sentences: greedy, sampling with a temperature, beam search with a length penalty.

All work on many images at once and with any object that has ``start`` and ``step`` as ``models.Captioner`` has them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from synscenes.captioning.vocabulary import END, PAD, START, UNKNOWN
from synscenes.errors import CourseError

LONGEST = 30


def _exact(device: torch.device) -> torch.dtype:
    # Apple's GPUs have no float64.
    return torch.float32 if device.type == "mps" else torch.float64


@dataclass(frozen=True)
class Said:
    """One caption: its ``words`` as numbers, without <start> and with <end> if it came to one; the sum of their
    ``log_probability``; where the decoder looked before each, ``looks`` (words, cells), or None."""

    words: tuple[int, ...]
    log_probability: float
    looks: torch.Tensor | None = None

    def score(self, penalty: float = 0.0) -> float:
        """What beam search ranks by: the log-probability over ``len(words) ** penalty``."""
        return self.log_probability / max(1, len(self.words)) ** penalty


def greedy(model: Any, features: torch.Tensor, longest: int = LONGEST) -> list[Said]:
    """Say the likeliest next word, again and again; ``features`` (B, cells, channels), at most ``longest`` words."""
    return _one_by_one(model, features, longest, lambda scores: scores.argmax(dim=1))


def sample(
    model: Any,
    features: torch.Tensor,
    temperature: float = 1.0,
    generator: torch.Generator | None = None,
    longest: int = LONGEST,
) -> list[Said]:
    """Draw each word by its probability, softmax(logits / temperature).

    Below 1 the likely words become likelier still, above 1 all become more alike. The log-probability kept is the
    model's own, at temperature 1. Raises CourseError for a temperature that is not above 0.
    """
    if not _is_number(temperature) or not 0 < temperature < math.inf:
        raise CourseError(f"temperature must be a number above 0, not {temperature!r}: for 0 use greedy.")

    def choose(scores: torch.Tensor) -> torch.Tensor:
        chances = (scores / temperature).softmax(dim=1)
        # Drawn on the CPU: a generator belongs to one device, and a seed then means the same everywhere.
        return torch.multinomial(chances.cpu(), 1, generator=generator)[:, 0].to(scores.device)

    return _one_by_one(model, features, longest, choose)


def _one_by_one(model: Any, features: torch.Tensor, longest: int, choose: Callable) -> list[Said]:
    _check(features, longest)
    with torch.inference_mode():
        state, count = model.start(features), len(features)
        words = torch.full((count,), START, device=features.device)
        done = torch.zeros(count, dtype=torch.bool, device=features.device)
        total = torch.zeros(count, dtype=_exact(features.device), device=features.device)
        said, looks = [], []
        for _ in range(longest):
            logits, state, look = model.step(state, words)
            scores = log_probabilities(logits)
            words = torch.where(done, PAD, choose(scores))
            total += torch.where(done, 0.0, scores.gather(1, words[:, None])[:, 0])
            said.append(words)
            looks.append(look)
            done = done | (words == END)
            if done.all():
                break
    return _collect(torch.stack(said, dim=1), total, None if looks[0] is None else torch.stack(looks, dim=1))


def beam(
    model: Any,
    features: torch.Tensor,
    width: int = 3,
    penalty: float = 0.0,
    longest: int = LONGEST,
    keep_greedy: bool = True,
) -> list[list[Said]]:
    """Beam search: follow the ``width`` best beginnings at once. Returns each image's captions, best first.

    Candidates are ranked by log-probability / length ** ``penalty``: 0 is the plain product of the probabilities,
    which likes short captions; 1 their mean. A finished caption keeps its place in the beam as long as it is among
    the best. Plain beam search may lose the greedy caption on the way and end with a less likely one; with
    ``keep_greedy`` the first place belongs to the greedy path, so that the best of the beam, by the score it ranks by,
    is never worse than greedy. A width of 1 is greedy search. Raises CourseError for a width below 1, or a penalty
    that is no number or below 0.
    """
    _check(features, longest)
    if isinstance(width, bool) or not isinstance(width, int) or width < 1:
        raise CourseError(f"width must be a whole number of at least 1, not {width!r}.")
    if not _is_number(penalty) or not 0 <= penalty < math.inf:
        raise CourseError(f"penalty must be a number of at least 0, not {penalty!r}.")
    with torch.inference_mode():
        return _beam(model, features, width, float(penalty), longest, keep_greedy)


def _beam(model: Any, features: torch.Tensor, width: int, penalty: float, longest: int, keep_greedy: bool):
    count, device = len(features), features.device
    state = _rows(model.start(features), torch.arange(count, device=device).repeat_interleave(width))
    words = torch.full((count * width,), START, device=device)
    total = torch.full((count, width), -math.inf, dtype=_exact(device), device=device)
    total[:, 0] = 0.0  # one beginning only; the other places are empty
    length = torch.zeros(count, width, dtype=torch.long, device=device)
    done = torch.zeros(count, width, dtype=torch.bool, device=device)
    said = torch.empty(count * width, 0, dtype=torch.long, device=device)
    looks = None
    for _ in range(longest):
        logits, state, look = model.step(state, words)
        scores = log_probabilities(logits).view(count, width, -1)
        # A finished caption has one way on, which costs nothing and adds no word.
        scores[done] = -math.inf
        scores[..., PAD] = torch.where(done, 0.0, -math.inf)
        sums = total[..., None] + scores
        lengths = (length + ~done)[..., None].expand_as(sums)
        places = _best(sums / lengths.clamp(min=1) ** penalty, scores, width, keep_greedy)
        beams, chosen = places // scores.shape[-1], places % scores.shape[-1]
        spread = done[..., None].expand_as(sums)
        total, length, done = (values.flatten(1).gather(1, places) for values in (sums, lengths, spread))
        rows = (torch.arange(count, device=device)[:, None] * width + beams).flatten()
        # Beams trade places within an image only, so what follows from the image alone can stay where it is.
        words, state = chosen.flatten(), _rows(state, rows, getattr(model, "fixed", ()))
        said = torch.cat([said[rows], words[:, None]], dim=1)
        if look is not None:
            look = look[rows][:, None]
            looks = look if looks is None else torch.cat([looks[rows], look], dim=1)
        done = done | (chosen == END)
        if done.all():
            break
    found = _collect(said, total.flatten(), looks)
    answers = []
    for start in range(0, len(found), width):
        real = [each for each in found[start : start + width] if each.log_probability > -math.inf]
        answers.append(sorted(real, key=lambda each: -each.score(penalty)))
    return answers


def _best(ranks: torch.Tensor, scores: torch.Tensor, width: int, keep_greedy: bool) -> torch.Tensor:
    """Choose ``width`` of all continuations (count, beams, V), as places in the flattened (beams x V)."""
    ranks = ranks.flatten(1)
    if not keep_greedy:
        return ranks.topk(width, dim=1).indices
    first = scores[:, 0].argmax(dim=1, keepdim=True)  # the greedy path goes on where greedy search would
    others = ranks.scatter(1, first, -math.inf)
    return torch.cat([first, others.topk(width - 1, dim=1).indices], dim=1)


def log_probabilities(logits: torch.Tensor) -> torch.Tensor:
    """Return log-softmax (B, V) in float64 (float32 on MPS), without <pad>, <start> and <unk>: no caption says them.

    What is left is not scaled up again, so these are the model's own probabilities.
    """
    scores = logits.to(_exact(logits.device)).log_softmax(dim=1)
    scores[:, [PAD, START, UNKNOWN]] = -math.inf
    return scores


def _rows(state: dict[str, torch.Tensor], rows: torch.Tensor, stay: tuple[str, ...] = ()) -> dict[str, torch.Tensor]:
    return {name: values if name in stay else values[rows] for name, values in state.items()}


def _collect(words: torch.Tensor, totals: torch.Tensor, looks: torch.Tensor | None) -> list[Said]:
    found = []
    for row, (numbers, total) in enumerate(zip(words.tolist(), totals.tolist())):
        size = numbers.index(END) + 1 if END in numbers else len(numbers)
        look = None if looks is None else looks[row, :size].cpu()
        found.append(Said(tuple(numbers[:size]), total, look))
    return found


def _check(features: Any, longest: Any) -> None:
    if not isinstance(features, torch.Tensor) or features.ndim != 3 or not len(features):
        shape = tuple(getattr(features, "shape", ())) or type(features).__name__
        raise CourseError(f"features must be a tensor (images, cells, channels) of at least one image, not {shape}.")
    if isinstance(longest, bool) or not isinstance(longest, int) or longest < 1:
        raise CourseError(f"longest must be a whole number of at least 1, not {longest!r}.")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
