"""Which photographs does a network still get right, for every corruption at every severity?"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from synscenes.corruptions.apply import NAMES, SEVERITIES, corrupt, square
from synscenes.corruptions.scores import ALEXNET_ERRORS, bootstrap_mean, mean_corruption_error
from synscenes.preprocessing import normalise

if TYPE_CHECKING:
    from synscenes.imagenet import Photo
    from synscenes.models.model import Classifier


@dataclass(frozen=True)
class Grid:
    """What one network got right: ``hits`` (corruptions, severities, photographs), ``clean`` (photographs,); bool."""

    model: str
    names: tuple[str, ...]
    severities: tuple[int, ...]
    hits: np.ndarray
    clean: np.ndarray

    def errors(self, name: str | None = None) -> np.ndarray:
        """Return the top-1 error at each severity: (severities,) of one corruption, or (corruptions, severities)."""
        errors = 1 - self.hits.mean(axis=2)
        return errors if name is None else errors[self._row(name)]

    def mean_error(self, name: str) -> float:
        """Return one corruption's error averaged over the severities that were run."""
        return float(self.errors(name).mean())

    def error_interval(self, name: str, severity: int) -> tuple[float, float]:
        """Return the 95 % Wilson interval of the error at one corruption and severity."""
        from synscenes.metrics.classification import wilson_interval

        hits = self.hits[self._row(name), self.severities.index(severity)]
        return wilson_interval(int((~hits).sum()), len(hits))

    def mce(self) -> float:
        """Return the mean corruption error over those of the 15 that were run (with all 15 and 5: ImageNet-C's)."""
        return mean_corruption_error({name: self.mean_error(name) for name in self._scored()})

    def mce_interval(self, rng: int = 0) -> tuple[float, float]:
        """Return a 95 % bootstrap interval of ``mce`` over photographs.

        mCE is a mean over photographs: each contributes its errors, weighted by one over AlexNet's. A
        photograph's versions go together, since they are hard or easy together.
        """
        weights = np.array([1 / ALEXNET_ERRORS[name] for name in self._scored()])
        wrong = 1 - self.hits[[self._row(name) for name in self._scored()]].mean(axis=1)
        return bootstrap_mean((wrong * weights[:, None]).mean(axis=0), rng=rng)

    def _row(self, name: str) -> int:
        if name not in self.names:
            raise ValueError(f"{name!r} wasn't run; this grid has {', '.join(self.names)}")
        return self.names.index(name)

    def _scored(self) -> list[str]:
        return [name for name in self.names if name in ALEXNET_ERRORS]


def run(model: Classifier, photos: Sequence[Photo], *args: Any, **options: Any) -> Grid:
    """Return one network's grid: see ``run_all``, which takes the same arguments."""
    return run_all([model], photos, *args, **options)[0]


def run_all(
    networks: Sequence[Classifier],
    photos: Sequence[Photo],
    names: Sequence[str] = NAMES,
    severities: Sequence[int] = SEVERITIES,
    seed: int = 0,
    device: Any = None,
    progress: bool = True,
) -> list[Grid]:
    """Corrupt every photograph in every way, ask each network about the same pictures, and return their grids.

    A photograph's noise depends on ``seed``, the corruption, the severity and its place in ``photos``, on
    nothing else: a shorter run gives the same pictures. A second thread makes pictures while the networks
    work. Raises ValueError for no networks or photographs, and as ``corrupt``.
    """
    from tqdm.auto import tqdm

    if not networks or not photos:
        raise ValueError(
            f"give at least one network and one photograph, got {len(networks)} and {len(photos)}"
        )
    squares = [square(photo.image) for photo in photos]
    labels = np.array([photo.label for photo in photos])
    makers = [tensor_maker(network) for network in networks]
    # On a CPU four pictures stay in its cache: measured twice as fast an image as thirty-two.
    batch_size = 4 if str(device or "cpu").startswith("cpu") else 64

    def ask(pictures: list) -> list[np.ndarray]:
        answers = [
            network.predict(map(prepare, pictures), device=device, batch_size=batch_size)
            for network, prepare in zip(networks, makers)
        ]
        return [logits.argmax(axis=1) == labels for logits in answers]

    def versions(task: tuple[str, int]) -> list:
        name, severity = task
        return [
            corrupt(image, name, severity, stream(seed, name, severity, place))
            for place, image in enumerate(squares)
        ]

    tasks = [(name, severity) for name in names for severity in severities]
    bar = tqdm(_ahead(versions, tasks), total=len(tasks), disable=not progress, leave=False)
    with _one_core_free():
        hits = np.array([ask(pictures) for pictures in bar])  # (tasks, networks, photographs)
    shape = (len(names), len(severities), len(photos))
    return [
        Grid(network.name, tuple(names), tuple(severities), hits[:, place].reshape(shape), clean)
        for place, (network, clean) in enumerate(zip(networks, ask(squares)))
    ]


def stream(seed: int, name: str, severity: int, place: int) -> np.random.Generator:
    """Return the random numbers of one photograph under one corruption at one severity."""
    return np.random.default_rng([seed, zlib.crc32(name.encode()), severity, place])


def tensor_maker(model: Classifier) -> Callable:
    """Return a function from a 224 × 224 picture to the model's input: scaling and normalising, no resizing.

    The mean and standard deviation are the model's own. They are found by experiment: a black and a white
    picture go through its preprocessing, whose resizing and cropping cannot change either. So it doesn't
    matter from which library it comes. Raises ValueError where white comes out no brighter than black.
    """
    import torch
    from PIL import Image

    black, white = (
        np.asarray(model.preprocess(Image.new("RGB", (320, 320), colour)), dtype=float).mean(axis=(1, 2))
        for colour in ("black", "white")
    )
    if not (white > black).all():
        raise ValueError(
            f"{model.name}'s preprocessing makes {black.round(3)} of black, {white.round(3)} of white"
        )
    std = np.round(1 / (white - black), 5)
    mean = np.round(-black * std, 5)
    return lambda picture: torch.from_numpy(normalise(picture, mean, std))


@contextmanager
def _one_core_free() -> Iterator[None]:
    """Let torch use one thread fewer: where it shares its core with the thread that makes pictures, both crawl."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(max(1, threads - 1))
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _ahead(function: Callable, tasks: Iterable) -> Iterator:
    """Yield function(task) for each task, in order, while a second thread works on the next one."""
    with ThreadPoolExecutor(1) as pool:
        waiting = None
        for task in tasks:
            coming = pool.submit(function, task)
            if waiting is not None:
                yield waiting.result()
            waiting = coming
        if waiting is not None:
            yield waiting.result()
