"""Training the head on kept features, and using it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from synscenes.keypoints import crops as cropping
from synscenes.keypoints.flips import flip_joints, flip_maps
from synscenes.keypoints.heatmaps import decode, encode
from synscenes.keypoints.joints import PARTNER
from synscenes.keypoints.network import STRIDE, Backbone, Head, features, predict
from synscenes.keypoints.people import People


@dataclass(frozen=True)
class Bank:
    """Kept features of N persons, each as it is and mirrored, with what the head should say.

    ``plain`` and ``mirrored``: features at strides 4, 8, 16. ``joints`` and ``mirrored_joints``: (N, 17, 3) in the
    crop's pixels. ``frames``: (N, 4), where the crops lie in the photographs. ``size``: width, height of the crops.
    """

    plain: list[torch.Tensor]
    mirrored: list[torch.Tensor]
    joints: np.ndarray
    mirrored_joints: np.ndarray
    frames: np.ndarray
    size: tuple[int, int]

    def __len__(self) -> int:
        return len(self.joints)

    def take(self, rows: Any) -> Bank:
        """Return the bank of some of the persons."""
        return Bank(
            [level[rows] for level in self.plain],
            [level[rows] for level in self.mirrored],
            self.joints[rows],
            self.mirrored_joints[rows],
            self.frames[rows],
            self.size,
        )

    def forgetting_the_swap(self) -> Bank:
        """Return the bank of somebody who mirrored the pictures and left the joints' names as they were."""
        return replace(self, mirrored_joints=self.mirrored_joints[:, PARTNER])


def make_bank(network: Backbone, crops: np.ndarray, frames: np.ndarray, people: People, device: Any = "cpu") -> Bank:
    """Compute the features of crops (N, H, W, 3) uint8, plain and mirrored."""
    size = (crops.shape[2], crops.shape[1])
    joints = cropping.into(people.joints, frames, size)
    joints[joints[..., 2] == 0] = 0
    mirrored = np.ascontiguousarray(crops[:, :, ::-1])
    return Bank(
        features(network, crops, device),
        features(network, mirrored, device),
        joints,
        flip_joints(joints, size[0]),
        frames,
        size,
    )


def train(bank: Bank, epochs: int, seed: int, device: Any = "cpu", rate: float = 5e-3, batch_size: int = 32) -> Head:
    """Train a new head: each epoch shows every person once, mirrored or not by the toss of a coin.

    The loss is the squared difference between the maps, over labelled joints only. AdamW; the rate rises for a tenth of
    the steps and falls along a cosine. Everything random follows from ``seed``.
    """
    from tqdm.auto import tqdm

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    head = Head().to(device).train()
    targets, weights = zip(*(_targets(joints, bank.size) for joints in (bank.joints, bank.mirrored_joints)))
    steps = epochs * -(-len(bank) // batch_size)
    optimiser = torch.optim.AdamW(head.parameters(), lr=rate, weight_decay=0.01)
    rise = 0.2 if steps == 10 else 0.1  # torch divides by zero where the rise is exactly one step
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=rise)
    with tqdm(total=steps, desc=f"training, seed {seed}", leave=False) as progress:
        for _ in range(epochs):
            order, mirror = rng.permutation(len(bank)), rng.random(len(bank)) < 0.5
            for rows in np.array_split(order, steps // epochs):
                batch, target, weight = [], [], []
                for flipped, kept in ((False, bank.plain), (True, bank.mirrored)):
                    chosen = torch.from_numpy(rows[mirror[rows] == flipped])
                    batch.append([level[chosen] for level in kept])
                    target.append(targets[flipped][chosen])
                    weight.append(weights[flipped][chosen])
                maps = head([torch.cat(pair).to(device).float() for pair in zip(*batch)])
                error = (maps - torch.cat(target).to(device).float()) ** 2
                weight = torch.cat(weight).to(device)
                loss = (error.mean(dim=(2, 3)) * weight).sum() / weight.sum()
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
                progress.update()
    return head.eval()


def heatmaps(head: Head, bank: Bank, device: Any = "cpu", flip: bool = True, swap: bool = True) -> np.ndarray:
    """Return the maps (N, 17, H, W) of a bank's persons.

    ``flip`` averages those of the plain and of the mirrored crop; ``swap=False`` forgets that left and
    right change there.
    """
    maps = predict(head, bank.plain, device)
    return (maps + flip_maps(predict(head, bank.mirrored, device), swap)) / 2 if flip else maps


def to_joints(maps: np.ndarray, frames: np.ndarray, size: tuple[int, int], method: str = "quarter") -> np.ndarray:
    """Return joints (N, 17, 3) in the photographs' pixels: x, y, and the map's highest value."""
    points, values = decode(maps, method)
    return np.concatenate([cropping.back(points * STRIDE, frames, size), values[..., None]], axis=-1)


def _targets(joints: np.ndarray, size: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
    grid = (size[0] // STRIDE, size[1] // STRIDE)
    maps = encode(joints[..., :2] / STRIDE, grid)
    return torch.from_numpy(maps).half(), torch.from_numpy((joints[..., 2] > 0).astype(np.float32))
