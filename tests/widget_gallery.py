"""Every widget of the course, made small: what the tests call headless, show in JupyterLab, and put on a page.

Stand-ins take the place of networks, so that a widget is made in well under a second. ``MAKE`` has one entry for each
class with a static twin; a test fails when a new widget has none.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image

import synscenes
from synscenes.lesson.widgets import TwinWidget


class StandIn:
    """Answers as a classifier does, from a photograph's mean colour."""

    categories = ("red fox", "grasshopper", "blue jay", "swan", "black bear", "impala")

    @staticmethod
    def preprocess(image: Any) -> Any:
        """Return the tensor a network would get."""
        from synscenes.preprocessing import normalise

        return normalise(np.asarray(image.convert("RGB").resize((224, 224))))

    def predict(self, tensors: Any) -> np.ndarray:
        """Return logits, (photographs, classes)."""
        rows = []
        for tensor in tensors:
            red, green, blue = (float(value) for value in tensor.reshape(3, -1).mean(axis=1))
            rows.append([red - blue, green, blue - red, red + green + blue, -red, 0.1])
        return np.array(rows)

    def top(self, row: np.ndarray, k: int) -> list[tuple[str, float]]:
        """Return the k likeliest (category, probability)."""
        from synscenes.metrics.classification import softmax

        shares = softmax(np.asarray(row), 1.0)
        return [(self.categories[place], float(shares[place])) for place in np.argsort(-row)[:k]]


@cache
def scenes() -> Any:
    """A drawn data set of two and six images with every kind of annotation, in a folder of its own."""
    from synscenes import coco, micrococo

    root = Path(tempfile.mkdtemp(prefix="synscenes-gallery-")) / "scenes"
    return coco.folder(micrococo.generate(root, train=2, val=6, seed=4, workers=1, progress=False))


def drawings(count: int) -> list[Image.Image]:
    """The first images of the drawn data set."""
    from synscenes import coco

    folder = scenes()
    records = coco.load(folder.instances("val")).images["id"].tolist()
    split = coco.load(folder.instances("val"))
    return [Image.open(folder.image("val", split.image(number))).convert("RGB") for number in records[:count]]


def photos(*names: str) -> list[Any]:
    """Drawings that carry labels as photographs do."""
    from synscenes import imagenet

    wnids = {each.name: each.wnid for each in imagenet.classes()}
    return [SimpleNamespace(image=image, name=name, wnid=wnids[name]) for name, image in zip(names, drawings(9))]


def _overlay() -> Any:
    from synscenes import first_photo
    from synscenes.widgets.overlay import Overlay

    photo = first_photo.load()
    return Overlay(photo.image, photo.annotations, photo.categories, people=[photo.person])


def _prediction_lab() -> Any:
    from synscenes.mishaps import MISHAPS
    from synscenes.widgets.predictions import PredictionLab

    return PredictionLab(StandIn(), photos("beagle", "impala"), {key: MISHAPS[key] for key in ("none", "bgr", "half")})


def _corruption_lab() -> Any:
    from synscenes.widgets.corruption import CorruptionLab

    return CorruptionLab(StandIn(), photos("beagle")[0], ["fog", "contrast", "jpeg_compression"])


def _hedging_slider() -> Any:
    from synscenes import imagenet, wordnet
    from synscenes.widgets.hedging import HedgingSlider

    wn, names = wordnet.load(), ("gazelle", "impala", "beagle", "swab")
    wnids = {each.name: each.wnid for each in imagenet.classes()}
    shares = np.array([[0.52, 0.38, 0.08, 0.02], [0.05, 0.05, 0.1, 0.8]])
    return HedgingSlider(photos("impala", "beagle"), shares, wn.taxonomy([wnids[name] for name in names]), wn.name)


def _hierarchy_browser() -> Any:
    from synscenes.widgets.hierarchy import HierarchyBrowser

    return HierarchyBrowser(
        ["n02099601", "n02123045", "n02099712", "n07932039"], start="n02099601", a="n02099601", b="n02123045"
    )


def _label_review() -> Any:
    from synscenes.widgets.label_review import Case, LabelReview

    names = (("beagle", "basset"), ("impala", "gazelle"), ("swab", "broom"), ("tabby", "tiger cat"), ("sax", "oboe"))
    cases = [Case(given, image, given, other) for (given, other), image in zip(names, drawings(5))]
    return LabelReview(cases, folder=tempfile.mkdtemp(prefix="synscenes-gallery-"))


def _leaderboard() -> Any:
    from synscenes.models.zoo import torchvision_table
    from synscenes.widgets.leaderboard import Leaderboard

    return Leaderboard(torchvision_table())


def _oks_playground() -> Any:
    from synscenes import first_photo
    from synscenes.widgets.oks_playground import OKSPlayground

    photo = first_photo.load()
    return OKSPlayground(photo.image, np.reshape(photo.person["keypoints"], (17, 3)), photo.person["area"])


def _precision_recall() -> Any:
    from synscenes import coco
    from synscenes.metrics.detection import evaluate
    from synscenes.metrics.detection.simulated import Habits, simulate
    from synscenes.widgets.precision_recall import PrecisionRecall

    truth = coco.load(scenes().instances("val")).document
    found = simulate(truth, Habits(), np.random.default_rng(0))[0]
    most = max(truth["categories"], key=lambda each: sum(a["category_id"] == each["id"] for a in truth["annotations"]))
    return PrecisionRecall(evaluate(truth, found), most["id"])


def _threshold_slider() -> Any:
    from synscenes.models import Detection
    from synscenes.widgets.threshold import ThresholdSlider

    one, other = drawings(2)
    birds = [Detection(16, "bird", (30, 20, 150, 180), 0.95), Detection(16, "bird", (160, 20, 100, 90), 0.31)]
    sheep = [Detection(20, "sheep", (20, 60, 120, 150), 0.53)]
    return ThresholdSlider([("Geese & co", one, birds + sheep), ("A field", other, sheep)])


def _coco_explorer() -> Any:
    from synscenes.widgets.coco_explorer import CocoExplorer

    return CocoExplorer(scenes(), twin_images=4)


def _annotator() -> Any:
    from synscenes.annotator.widget import Annotator

    work = Path(tempfile.mkdtemp(prefix="synscenes-gallery-"))
    (work / "photographs").mkdir()
    for place, image in enumerate(drawings(2)):
        image.save(work / "photographs" / f"{place}.jpg")
    names = ({"id": 1, "name": "person"}, {"id": 18, "name": "dog"}, {"id": 44, "name": "bottle"})
    return Annotator(work / "gallery.json", work / "photographs", names)


def _use_helper() -> Any:
    from synscenes.rights.decision import table
    from synscenes.widgets.rights import UseHelper

    return UseHelper(next(iter(table()["datasets"])))


MAKE: dict[str, Callable[[], Any]] = {
    "Overlay": _overlay,
    "PredictionLab": _prediction_lab,
    "CorruptionLab": _corruption_lab,
    "HedgingSlider": _hedging_slider,
    "HierarchyBrowser": _hierarchy_browser,
    "LabelReview": _label_review,
    "Leaderboard": _leaderboard,
    "OKSPlayground": _oks_playground,
    "PrecisionRecall": _precision_recall,
    "ThresholdSlider": _threshold_slider,
    "CocoExplorer": _coco_explorer,
    "Annotator": _annotator,
    "UseHelper": _use_helper,
}


def make(name: str) -> Any:
    """Return a new widget of the class called ``name``."""
    return MAKE[name]()


def classes() -> dict[str, type]:
    """Every class of the package that has a static twin, by name. Only modules that define one are imported."""
    root = Path(synscenes.__file__).parent
    found = {}
    for path in sorted(root.rglob("*.py")):
        if "def twin_html" not in path.read_text(encoding="utf-8"):
            continue
        module = importlib.import_module(".".join(("synscenes", *path.relative_to(root).with_suffix("").parts)))
        for value in vars(module).values():
            if isinstance(value, type) and hasattr(value, "twin_html") and value is not TwinWidget:
                found[value.__name__] = value
    return found
