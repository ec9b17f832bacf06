"""Evidence about ImageNet: WordNet's files, timm's class lists, plain sums."""

from __future__ import annotations

import json
from functools import cache

from synscenes.imagenet import timm_list


@cache
def _nouns():
    from synscenes import wordnet

    return wordnet.load()


def _classes() -> list[str]:
    from synscenes import imagenet

    return [entry.wnid for entry in imagenet.classes()]


def ilsvrc_class_count() -> int:
    """the different wnids in the list of ILSVRC's classes."""
    return len(set(_classes()))


def full_list_valid() -> int:
    """the wnids of timm's full list that are noun offsets of WordNet 3.0."""
    return sum(wnid in _nouns() for wnid in set(timm_list("imagenet22k_synsets.txt").split()))


def full_list_without_leaves() -> int:
    """the synsets of the full list that have more special ones below them in WordNet 3.0."""
    return sum(bool(_nouns().children(wnid)) for wnid in timm_list("imagenet22k_synsets.txt").split())


def noun_synsets() -> int:
    """the lines of data.noun that hold a synset."""
    return len(_nouns())


def classes_outside_full_list() -> list:
    """which of the 1,000 classes timm's list of 21,841 leaves out, by name."""
    from synscenes import imagenet

    full = set(timm_list("imagenet22k_synsets.txt").split())
    missing = [entry for entry in imagenet.classes() if entry.wnid not in full]
    return [len(missing), *(entry.name for entry in missing)]


def ilsvrc_images() -> int:
    """1,281,167 + 50,000 + 100,000."""
    return 1_281_167 + 50_000 + 100_000


def classes_sorted_by_wnid() -> bool:
    """whether the 1,000 wnids in label order are in ascending order."""
    return _classes() == sorted(_classes())


def distinct_first_lemmas() -> int:
    """the different first lemmas of the 1,000 classes."""
    from synscenes import imagenet

    return len({entry.lemmas.split(", ")[0] for entry in imagenet.classes()})


def dog_classes() -> int:
    """the classes below dog, n02084071, in WordNet 3.0."""
    below = set(_nouns().descendants("n02084071"))
    return sum(wnid in below for wnid in _classes())


def classes_that_are_leaves() -> int:
    """the 1,000 classes without any more special synset in WordNet 3.0."""
    return sum(not _nouns().children(wnid) for wnid in _classes())


def nested_classes() -> int:
    """the pairs of classes of which one is a kind of the other."""
    wnids = set(_classes())
    return sum(len(wnids.intersection(_nouns().ancestors(wnid))) for wnid in wnids)


def wrong_dog_is_no_synset() -> list:
    """whether n02084442 is an offset of data.noun, and what dog's is."""
    (dog,) = _nouns().search("dog.n.01")
    return ["n02084442" in _nouns(), dog]


def golden_retriever_depths() -> list[int]:
    """the steps from entity to n02099601 along each of its paths."""
    return [len(path) - 1 for path in _nouns().hypernym_paths("n02099601")]


def golden_retriever_mammal_paths() -> list[int]:
    """the depths of those paths that pass through mammal, n01861778."""
    paths = _nouns().hypernym_paths("n02099601")
    return [len(path) - 1 for path in paths if "n01861778" in path]


def real_labels() -> list[int]:
    """ReaL labels in timm: images, images without a label, images with several."""
    labels = json.loads(timm_list("imagenet_real_labels.json"))
    return [len(labels), sum(not each for each in labels), sum(len(each) > 1 for each in labels)]


def imagenet_a_classes() -> int:
    """the classes of timm's list for ImageNet-A."""
    return len(timm_list("imagenet_a_synsets.txt").split())


def imagenet_r_classes() -> int:
    """the classes of timm's list for ImageNet-R."""
    return len(timm_list("imagenet_r_synsets.txt").split())


def twelve_k() -> list[int]:
    """the wnids of timm's 12k list, and how many of the 1,000 classes are among them."""
    chosen = set(timm_list("imagenet12k_synsets.txt").split())
    return [len(chosen), len(chosen.intersection(_classes()))]


def human_error_interval() -> list[float]:
    """the 95 % Wilson interval of 77 errors in 1,500 images, in per cent."""
    from synscenes.metrics.classification import wilson_interval

    return [round(100 * end, 1) for end in wilson_interval(77, 1500)]
