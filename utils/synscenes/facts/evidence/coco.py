"""Evidence about COCO: lists inside torchvision and pycocotools, and sums of published counts."""

from __future__ import annotations


def _detector_categories() -> list[str]:
    from torchvision.models.detection import FasterRCNN_ResNet50_FPN_Weights

    return FasterRCNN_ResNet50_FPN_Weights.DEFAULT.meta["categories"]


def category_gaps() -> list[int]:
    """the ids that are N/A in the category list of torchvision's Faster R-CNN weights."""
    return [identifier for identifier, name in enumerate(_detector_categories()) if name == "N/A"]


def category_count() -> list[int]:
    """the named categories of that list and the highest id."""
    names = _detector_categories()
    return [sum(name not in ("N/A", "__background__") for name in names), len(names) - 1]


def supercategories() -> int:
    """the supercategories of the 80 categories in the course's copy, whose ids and names are torchvision's."""
    from synscenes.first_photo import documents

    categories = documents()["instances"]["categories"]
    names = _detector_categories()
    if [(entry["id"], entry["name"]) for entry in categories] != [
        (place, name) for place, name in enumerate(names) if name not in ("N/A", "__background__")
    ]:
        return 0
    return len({entry["supercategory"] for entry in categories})


def keypoints() -> list[int]:
    """the joints that torchvision's Keypoint R-CNN names, and pycocotools' sigmas."""
    from pycocotools.cocoeval import Params
    from torchvision.models.detection import KeypointRCNN_ResNet50_FPN_Weights

    names = KeypointRCNN_ResNet50_FPN_Weights.DEFAULT.meta["keypoint_names"]
    return [len(names), len(Params("keypoints").kpt_oks_sigmas)]


def images_2017() -> int:
    """118,287 + 5,000 + 40,670 + 123,403."""
    return 118_287 + 5_000 + 40_670 + 123_403


def images_all_releases() -> int:
    """82,783 + 40,504 of 2014, 81,434 of 2015, 123,403 unlabeled of 2017."""
    return 82_783 + 40_504 + 81_434 + 123_403


def images_labelled() -> int:
    """82,783 + 40,504 of 2014, 81,434 of 2015."""
    return 82_783 + 40_504 + 81_434


def public_instances() -> int:
    """860,001 + 36,781."""
    return 860_001 + 36_781


def instances_an_image() -> list[float]:
    """860,001 / 118,287 and 36,781 / 5,000."""
    return [860_001 / 118_287, 36_781 / 5_000]


def public_captions() -> int:
    """591,753 + 25,014."""
    return 591_753 + 25_014


def captions_an_image() -> float:
    """(591,753 + 25,014) / (118,287 + 5,000)."""
    return public_captions() / (118_287 + 5_000)


def panoptic_categories() -> int:
    """80 + 53."""
    return 80 + 53


def voc_0712() -> int:
    """5,011 + 11,540."""
    return 5_011 + 11_540


def area_bounds() -> list[int]:
    """the bounds in pycocotools' Params, as sides of a square."""
    from pycocotools.cocoeval import Params

    _, small, medium, _ = Params("bbox").areaRng
    return [round(small[1] ** 0.5), round(medium[1] ** 0.5)]


def recall_points() -> list[int]:
    """the recall values and the IoU thresholds in pycocotools' Params."""
    from pycocotools.cocoeval import Params

    params = Params("bbox")
    return [len(params.recThrs), len(params.iouThrs)]
