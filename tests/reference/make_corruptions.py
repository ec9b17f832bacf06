"""Make tests/reference/corruptions.json: what ``imagecorruptions`` gives on a synthetic picture.

Run by hand, in an environment of its own, since the package is from 2020 and needs an old NumPy:

    python -m venv old && old/bin/pip install "numpy<2" "scipy<1.14" "scikit-image==0.20.0" \
        "opencv-python-headless<4.11" "setuptools<80" "pillow<11"
    old/bin/pip install --no-deps imagecorruptions==1.1.2
    old/bin/python tests/reference/make_corruptions.py

For each corruption and severity it keeps the mean and spread of each colour, and an 8 × 8 thumbnail of means.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
from corruptions_legacy import SEED, picture


def reference(name: str, severity: int, image: np.ndarray, seed: int) -> np.ndarray:
    """Return the reference's result, with every draw seeded; two calls are brought up to scikit-image 0.20."""
    warnings.simplefilter("ignore")
    import imagecorruptions
    import skimage.color
    import skimage.filters
    import skimage.util
    from imagecorruptions import corruptions as module

    def gaussian(pixels, sigma, multichannel=False, **options):
        return skimage.filters.gaussian(pixels, sigma, channel_axis=-1 if multichannel else None, **options)

    class Util:
        @staticmethod
        def random_noise(pixels, mode, amount):
            return skimage.util.random_noise(pixels, mode=mode, amount=amount, seed=seed)

    class Sk:
        util, color = Util, skimage.color

    module.gaussian, module.sk = gaussian, Sk
    np.random.seed(seed)
    return imagecorruptions.corrupt(image, severity, name)


def summary(result: np.ndarray) -> dict[str, list]:
    """Mean and spread of each colour, and the means of an 8 × 8 grid of boxes, in grey levels."""
    values = result.astype(float)
    side = values.shape[0] // 8
    boxes = values[: 8 * side, : 8 * side].reshape(8, side, 8, side, 3).mean(axis=(1, 3, 4))
    return {
        "mean": values.mean(axis=(0, 1)).round(3).tolist(),
        "std": values.std(axis=(0, 1)).round(3).tolist(),
        "boxes": boxes.round(2).ravel().tolist(),
    }


if __name__ == "__main__":
    from imagecorruptions import get_corruption_names

    found = {
        f"{name} {severity}": summary(reference(name, severity, picture(), SEED + severity))
        for name in get_corruption_names("all")
        for severity in range(1, 6)
    }
    target = Path(__file__).with_name("corruptions.json")
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in found.items())
    target.write_text("{\n" + lines + "\n}\n", encoding="utf-8")
    print(f"{len(found)} entries in {target.name}")
