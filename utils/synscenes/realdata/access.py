"""ImageNet's official archives, and how one gets the right to them."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass


@dataclass(frozen=True)
class Official:
    """An archive of ILSVRC 2012: its name, its MD5 (from the official download page), its size in bytes, about."""

    name: str
    md5: str
    size: int
    what: str


# The first three MD5 are also those that torchvision checks. Sizes of the small ones are rounded.
TRAIN = Official("ILSVRC2012_img_train.tar", "1d675b47d978889d74fa0da5fadfb00e", 147_897_477_120, "training images")
VAL = Official("ILSVRC2012_img_val.tar", "29b22e2961454d5413ddabcf34fc5622", 6_744_924_160, "validation images")
DEVKIT = Official("ILSVRC2012_devkit_t12.tar.gz", "fa75699e90414af021442c21a62c3abf", 2_600_000, "their truth")
TRAIN_BOXES = Official(
    "ILSVRC2012_bbox_train_v2.tar.gz", "9271167e2176350e65cfe4e546f14b17", 20_000_000, "training boxes (optional)"
)
VAL_BOXES = Official(
    "ILSVRC2012_bbox_val_v3.tgz", "f4cd18b5ea29fe6bbea62ec9c20d80f0", 2_200_000, "validation boxes (optional)"
)
ARCHIVES = (TRAIN, VAL, DEVKIT, TRAIN_BOXES, VAL_BOXES)
KAGGLE = "imagenet-object-localization-challenge.zip"
# Russakovsky et al. 2015, table 2.
TRAIN_IMAGES, VAL_IMAGES, CLASSES = 1_281_167, 50_000, 1_000


def how_to_get() -> str:
    """What to do to get ImageNet, as text for a terminal."""
    rows = "\n".join(f"     {archive.name:<32} {_size(archive.size):>8}  {archive.what}" for archive in ARCHIVES)
    intro = textwrap.fill(
        "ImageNet may not be passed on, so this course can't fetch it for you. It is given to persons who agree to use "
        "it for non-commercial research and education only. There are two ways:",
        100,
    )
    return f"""{intro}

  1. image-net.org: register with the address of your university or school, agree to the Terms of Access, wait for
     the approval, and download from the page of ILSVRC 2012:
{rows}

  2. kaggle.com: join the competition "ImageNet Object Localization Challenge", accept its rules, and download
     {KAGGLE} (about 155 GB).

Maybe your university holds a copy already: ask there first. Then name the folder that holds the archives, or the
unpacked tree:

  python -m synscenes data get imagenet --tier full --from FOLDER              unpacks them (about 155 GB more)
  python -m synscenes data get imagenet --tier full --from FOLDER --in-place   reads them where they are (about 30 MB)
  python -m synscenes data get imagenet --tier sample --from FOLDER            300 images of 20 classes (about 40 MB)
"""


def _size(number: int) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.1f} MB"
