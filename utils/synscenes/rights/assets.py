"""The licences of what this course fetches, read from its own list and put before the decision helper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from synscenes.assets.entries import Asset, manifest
from synscenes.rights.decision import Part, decide, part

if TYPE_CHECKING:
    import pandas

_CC = re.compile(r"CC BY(?:-(?:NC|ND|SA))* \d\.\d", re.IGNORECASE)
_OTHERS = {
    re.compile("research use", re.IGNORECASE): "imagenet-access",
    re.compile(r"\b(PDDL|CC0)\b|public domain", re.IGNORECASE): "public-domain",
    re.compile(r"\b(MIT|BSD|Apache|OFL|ISC)\b|WordNet [\d.]+ licence", re.IGNORECASE): "notice",
}


def parts(asset: Asset) -> list[Part]:
    """Return what the licence of an asset says, as parts to decide about.

    An asset is weights or photographs where its title says so, else data (treated as annotations). A clause that
    cannot be read becomes the term "unread", and the answer "ask".
    """
    text = f"{asset.title} {asset.what}".lower()
    kind = (
        "weights"
        if "weights" in text
        else "photos"
        if "photograph" in f"{text} {asset.licence.lower()}"
        else "annotations"
    )
    found: list[Part] = []
    for clause in asset.licence.split(";"):
        terms = list(_CC.findall(clause))
        terms += [term for pattern, term in _OTHERS.items() if pattern.search(clause)]
        found += [part(kind, term) for term in terms or ["unread"]]
    if kind == "weights":
        taught = [name for name in ("ImageNet", "COCO") if f"Trained on {name}" in asset.notice]
        found += [part(kind, f"taught-{name.lower()}") for name in taught]
    return list(dict.fromkeys(found))


def overview(where: str = "eu") -> pandas.DataFrame:
    """Return a row for each asset: its licence as stated, and whether you may compute with it, and sell what comes out.

    Columns: licence, "teaching" and "product" (the verdicts on the act "numbers").
    """
    import pandas

    rows = {
        asset.title: {
            "licence": asset.licence,
            **{purpose: decide(parts(asset), "numbers", purpose, where).verdict for purpose in ("teaching", "product")},
        }
        for asset in manifest().values()
    }
    return pandas.DataFrame.from_dict(rows, orient="index")
