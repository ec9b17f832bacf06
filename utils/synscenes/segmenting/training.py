"""Training the head on features computed before: a short loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from synscenes.segmenting.features import Features
    from synscenes.segmenting.head import Head
    from synscenes.segmenting.targets import Targets


def train(
    features: Features,
    targets: Targets,
    classes: int,
    *,
    epochs: int,
    seed: int,
    batch_size: int = 8,
    peak: float = 4e-3,
    device: Any = None,
) -> tuple[Head, list[float]]:
    """Train a new head and return it, in eval mode, with its mean loss in each epoch.

    AdamW with a one-cycle schedule (Smith, Topin 2018) up to ``peak``. ``seed`` decides the first weights and the order
    of the images. Raises ValueError when features and targets are of different images.
    """
    import torch
    from tqdm.auto import tqdm

    from synscenes.segmenting.head import Head, loss_of

    if len(features) != len(targets.classes):
        raise ValueError(f"features of {len(features)} images, targets of {len(targets.classes)}")
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    head = Head(classes).to(device).to(memory_format=torch.channels_last)
    truth = {name: torch.from_numpy(getattr(targets, name)) for name in ("classes", "heat", "offset", "inside")}
    batches = max(len(features) // batch_size, 1)
    optimiser = torch.optim.AdamW(head.parameters(), lr=peak, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, peak, total_steps=epochs * batches)
    history = []
    for _ in tqdm(range(epochs), desc=f"seed {seed}", leave=False):
        order, losses = torch.from_numpy(rng.permutation(len(features))), []
        for rows in order[: batches * batch_size].split(batch_size):
            some = {name: values[rows].to(device) for name, values in truth.items()}
            some["classes"] = some["classes"].long()
            loss = loss_of(head(features.batch(rows, device)), some)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        history.append(float(np.mean(losses)))
    return head.eval(), history
