"""Do captions name what the boxes hold?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from synscenes.coco.dataset import SIZES, Dataset

if TYPE_CHECKING:
    import pandas as pd

# People are called by many words, and a few things mostly by another one.
_OTHERWISE = {
    "person": "person|people|man|men|woman|women|boys?|girls?|child|children|kids?|lady|guys?|players?",
    "tv": "tvs?|televisions?",
    "airplane": "(?:air)?planes?",
    "bicycle": "bicycles?|bikes?",
    "motorcycle": "motorcycles?|motorbikes?",
    "couch": "couch|couches|sofas?",
    "mouse": "mouse|mice",
    "knife": "knife|knives",
}


def named(category: str, sentences: Sequence[str]) -> bool:
    """Return True where one of the sentences has the category's name, its last word, or the plural of either.

    "Wine glass" counts as named by "glasses", "person" by "woman", "tv" by "television"; rarer words do not count.
    """
    last = category.rpartition(" ")[2]
    pattern = _OTHERWISE.get(category) or rf"(?:{re.escape(category)}|{re.escape(last)})(?:s|es)?"
    return re.search(rf"\b(?:{pattern})\b", " ".join(sentences).lower()) is not None


def mention_rates(dataset: Dataset, sentences: pd.Series) -> Mapping[str, Mapping[str, float]]:
    """Return how often a category in an image is named by its captions, by the size of its largest object there.

    Keys are "all", "person" and "other", then "small", "medium", "large"; 0 where there is none. Crowds are left out.
    """
    found = dataset.annotations[~dataset.annotations["iscrowd"] & dataset.annotations["image_id"].isin(sentences.index)]
    largest = found.loc[found.groupby(["image_id", "category_id"])["area"].idxmax()]
    said = [named(name, sentences[image]) for name, image in zip(largest["category"], largest["image_id"])]
    person = largest["category"] == "person"
    table = largest.assign(said=said, person=person)
    return {
        name: table[which].groupby("size", observed=False)["said"].mean().reindex(list(SIZES)).fillna(0.0).to_dict()
        for name, which in (("all", person | True), ("person", person), ("other", ~person))
    }
