"""Evidence about traps: each mistake made on purpose, on the smallest example that shows it."""

from __future__ import annotations

import contextlib
import io
import warnings
from functools import cache


def resize_shapes() -> list[int]:
    """torchvision's width and height of a 400 × 300 picture after Resize(256), then after Resize((256, 256))."""
    from PIL import Image
    from torchvision.transforms import v2

    picture = Image.new("RGB", (400, 300))
    return [*v2.Resize(256)(picture).size, *v2.Resize((256, 256))(picture).size]


def softmax_twice() -> float:
    """the most that the second softmax leaves of a probability of 1 among 1,000 classes."""
    import numpy as np

    from synscenes.metrics.classification import softmax

    sure = np.zeros(1000)
    sure[0] = 1.0
    return round(float(softmax(sure).max()), 5)


def train_mode_neighbours() -> list[bool]:
    """whether a batch-normalised answer changes with the other images of the batch, in train and in eval mode."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layer = torch.nn.BatchNorm1d(4)
        image, one, other = torch.randn(3, 1, 4)
    changes = []
    for mode in (True, False):
        layer.train(mode)
        with torch.no_grad():
            first = layer(torch.cat([image, one]))[0]
            second = layer(torch.cat([image, other]))[0]
        changes.append(not torch.allclose(first, second))
    return changes


@cache
def _right_of_twenty(mishap: str) -> int:
    from synscenes import imagenet, models
    from synscenes.metrics.classification import topk_hits
    from synscenes.mishaps import MISHAPS

    photos = imagenet.photos("photos_foolbox")
    model = models.load("mobilenet_v2")
    logits = model.predict([photo.image for photo in photos], preprocess=MISHAPS[mishap].prepare)
    return int(topk_hits(logits, [photo.label for photo in photos]).sum())


def bgr_right() -> list[int]:
    """what MobileNetV2 gets right of 20 labelled photographs as RGB, then as BGR."""
    return [_right_of_twenty("none"), _right_of_twenty("bgr")]


def unscaled_right() -> list[int]:
    """what MobileNetV2 gets right of 20 labelled photographs done well, then without the division by 255."""
    return [_right_of_twenty("none"), _right_of_twenty("forgot255")]


def box_read_wrong() -> float:
    """the overlap (IoU) of the dog's box in lesson 00 with the same four numbers read as two corners."""
    import numpy as np
    from pycocotools import mask

    from synscenes.first_photo import documents

    left, top, width, height = documents()["instances"]["annotations"][0]["bbox"]
    misread = [left, top, width - left, height - top]
    return round(float(mask.iou(np.array([[left, top, width, height]]), np.array([misread]), [0])[0, 0]), 3)


def mask_and_box_area() -> list[int]:
    """the field area of the dog of lesson 00, and width × height of its box, in pixels."""
    from synscenes.first_photo import documents

    dog = documents()["instances"]["annotations"][0]
    return [round(dog["area"]), round(dog["bbox"][2] * dog["bbox"][3])]


def crowd_overlap() -> list[float]:
    """pycocotools' IoU of a 10 × 10 box inside a 20 × 20 region, first as an object, then as a crowd."""
    import numpy as np
    from pycocotools import mask

    inside, region = np.array([[0.0, 0, 10, 10]]), np.array([[0.0, 0, 20, 20]])
    return [float(mask.iou(inside, region, [crowd])[0, 0]) for crowd in (0, 1)]


def annotation_id_zero() -> list[float]:
    """pycocotools' AP of one perfect detection when the annotation's id is 1, then when it is 0."""
    return [_average_precision(identifier) for identifier in (1, 0)]


def max_dets_without_100() -> float:
    """the AP pycocotools gives a perfect detection when maxDets is [1, 10, 50]."""
    return _average_precision(1, [1, 10, 50])


def string_image_ids() -> str:
    """the message of pycocotools when a result's image_id is "1" in place of 1."""
    try:
        _evaluate(1, image_id="1")
    except AssertionError as error:
        return str(error)
    return "no error"


def _average_precision(annotation_id: int, max_dets: list[int] | None = None) -> float:
    return float(_evaluate(annotation_id, max_dets).stats[0])


def _evaluate(annotation_id: int, max_dets: list[int] | None = None, image_id: int | str = 1):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    thing = {"image_id": 1, "category_id": 1, "bbox": [10, 10, 40, 40], "area": 1600, "iscrowd": 0}
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "info": {},
            "images": [{"id": 1, "width": 100, "height": 100}],
            "categories": [{"id": 1, "name": "thing"}],
            "annotations": [{"id": annotation_id, **thing}],
        }
        truth.createIndex()
        found = [{"image_id": image_id, "category_id": 1, "bbox": [10, 10, 40, 40], "score": 0.9}]
        evaluation = COCOeval(truth, truth.loadRes(found), "bbox")
        if max_dets:
            evaluation.params.maxDets = max_dets
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def top5_of_three_classes() -> list:
    """whether torch.topk(…, 5) fails on three classes, and the top-5 accuracy there by this course's definition."""
    import torch

    from synscenes.metrics.classification import topk_accuracy

    logits = torch.tensor([[0.2, 0.5, 0.3]])
    try:
        torch.topk(logits, 5)
        fails = False
    except RuntimeError:
        fails = True
    return [fails, topk_accuracy(logits, [0], k=5)]


def one_sentence_bleu() -> float:
    """NLTK's unsmoothed BLEU-4 of "a dog lies on the grass" against "a dog sits in the sun", to six digits."""
    from nltk.translate.bleu_score import sentence_bleu

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        score = sentence_bleu(
            [["a", "dog", "sits", "in", "the", "sun"]], ["a", "dog", "lies", "on", "the", "grass"]
        )
    return round(float(score), 6)


def cider_on_one_image() -> float:
    """log(images / images that hold the n-gram) with one image: the weight of every n-gram in CIDEr."""
    import math

    return math.log(1 / 1)
