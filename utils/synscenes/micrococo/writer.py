"""Making a whole dataset on disk: workers draw, one process writes the JSON, a rename makes it appear at once."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from synscenes.errors import CourseError
from synscenes.micrococo import documents
from synscenes.micrococo import workers as pool
from synscenes.micrococo.chance import SPLITS, image_rng
from synscenes.micrococo.dials import Dials

QUALITIES = (72, 78, 84, 88, 92, 95)
PURPOSE_CAPTIONS, PURPOSE_FILE = 1, 2


def image_id(seed: int, split: str, index: int) -> int:
    """Sparse ids in rising order, as in COCO: multiples of five belong to val, the others to train; never 0."""
    steps = 467 if split == "train" else 92  # both splits of the default size then span about the same range
    jitter = int(image_rng(seed, split, index, 3).random() * steps)
    place = index * steps + jitter + 1
    return place * 5 if split == "val" else (place - 1) // 4 * 5 + (place - 1) % 4 + 1


def draw(seed: int, split: str, index: int, dials: Dials) -> tuple[Any, Any]:
    """Draw one image: returns the picture (with its owner map) and its truth records, captions included."""
    from synscenes.micrococo import annotate, captions, compose, settings

    stage = settings.build(image_rng(seed, split, index), split, dials)
    picture = compose.compose(stage)
    truth = annotate.annotate(stage, picture, split, index, image_id(seed, split, index))
    truth.scene["captions"] = captions.captions(truth.scene, image_rng(seed, split, index, PURPOSE_CAPTIONS))
    return picture, truth


def jpeg(rgb: Any, seed: int, split: str, index: int) -> bytes:
    """The picture as JPEG bytes; the quality varies from image to image."""
    from PIL import Image

    quality = QUALITIES[int(image_rng(seed, split, index, PURPOSE_FILE).random() * len(QUALITIES))]
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", quality=quality)
    return out.getvalue()


def _png(numbers: Any) -> bytes:
    import numpy as np
    from PIL import Image

    rgb = np.stack([numbers & 255, numbers >> 8 & 255, numbers >> 16 & 255], -1).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "PNG", compress_level=6)
    return out.getvalue()


def make_one(index: int, root: str, seed: int, split: str, dials: Dials) -> dict[str, Any]:
    """Draw one image, write its files below ``root``, return its records (in a worker)."""
    picture, truth = draw(seed, split, index, dials)
    number = image_id(seed, split, index)
    folder = Path(root)
    (folder / f"{split}2017" / f"{number:012d}.jpg").write_bytes(jpeg(picture.rgb, seed, split, index))
    png = folder / "annotations" / f"panoptic_{split}2017" / f"{number:012d}.png"
    png.write_bytes(_png(truth.panoptic))
    return {
        "image_id": number, "instances": truth.instances, "keypoints": truth.keypoints, "segments": truth.segments,
        "stuff": truth.stuff, "scene": truth.scene,
    }  # fmt: skip


def generate(
    root: str | Path, train: int = 1000, val: int = 250, seed: int = 0, dials: Dials | None = None,
    workers: int | None = None, progress: bool = True,
) -> Path:  # fmt: skip
    """Make a dataset of ``train`` and ``val`` images (320 x 240) in COCO's official layout below ``root``.

    The same arguments give the same bytes everywhere (JPEG and PNG: with the same Pillow); a larger ``train`` or
    ``val`` keeps the images of a smaller one. ``root`` must not exist yet, or be an empty folder: it appears when
    all is done. ``workers``: processes (default: one a core, at most 8). Raises CourseError for a root in use and
    for a full or read-only disk.
    """
    if min(train, val) < 0 or train + val == 0:
        raise ValueError(f"generate: train and val must be 0 or more and not both 0, got {train} and {val}")
    dials = dials or Dials()
    root = Path(root)
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise CourseError(f"{root} is there already: give generate() a folder that does not exist yet, or remove it.")
    with _disk_errors(root):
        root.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{root.name}.", suffix=".part", dir=root.parent))
        try:
            os.chmod(work, 0o755)
            for split, count in zip(SPLITS, (train, val)):
                _split(work, split, count, seed, dials, workers, progress)
            if root.is_dir():
                root.rmdir()
            os.replace(work, root)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise
    return root


def _split(work: Path, split: str, count: int, seed: int, dials: Dials, workers: int | None, progress: bool) -> None:
    from tqdm import tqdm

    (work / f"{split}2017").mkdir()
    (work / "annotations" / f"panoptic_{split}2017").mkdir(parents=True)
    make = partial(make_one, root=str(work), seed=seed, split=split, dials=dials)
    job = pool.job_of(work, seed, split, dials)
    with tqdm(total=count, desc=f"micro-COCO {split}", unit="img", disable=not progress) as bar:
        records = pool.run(make, job, count, workers, bar.update)
    if dials.mistakes and split == "train":
        from synscenes.micrococo.mistakes import plant

        documents.write(work, "mistakes", split, plant(records, seed, dials))
    for name, content in documents.all_of(records, split):
        documents.write(work, name, split, content)


@contextlib.contextmanager
def _disk_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
            raise CourseError(
                f"The disk is full: micro-COCO could not be written to {root} (about 45 kB an image). "
                "Make room, or choose another disk."
            ) from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise CourseError(
                f"micro-COCO could not be written to {root}: {error.strerror}. Choose a folder that you can write to."
            ) from error
        raise
