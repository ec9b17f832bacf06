"""ImageNet's lists, and the published table against the lists."""

from __future__ import annotations

import pytest

from synscenes import imagenet, imagenet_lists, wordnet
from synscenes.errors import CourseError


@pytest.mark.parametrize(("name", "count"), [("1k", 1000), ("12k", 11821), ("21k", 21841)])
def test_lists_hold_distinct_synsets_in_order(name, count):
    wnids = imagenet_lists.wnids(name)
    assert len(wnids) == count
    assert list(wnids) == sorted(set(wnids))


def test_the_short_list_is_the_class_list():
    assert imagenet_lists.wnids("1k") == tuple(entry.wnid for entry in imagenet.classes())


def test_an_unknown_list():
    with pytest.raises(CourseError, match="choose one of 1k, 12k, 21k"):
        imagenet_lists.wnids("2k")


def test_the_table_of_2010_names_its_branches_synsets():
    wn = wordnet.load()
    for branch in imagenet_lists.statistics_2010():
        assert branch.name in [lemma.replace("_", " ") for lemma in wn.synset(branch.wnid).lemmas]


def test_most_of_the_table_can_be_counted_again():
    wn, chosen = wordnet.load(), set(imagenet_lists.wnids("21k"))
    counted = {
        branch.name: len({branch.wnid, *wn.descendants(branch.wnid)} & chosen)
        for branch in imagenet_lists.statistics_2010()
    }
    differ = [
        branch.name for branch in imagenet_lists.statistics_2010() if branch.synsets != counted[branch.name]
    ]
    assert differ == ["fungus", "person", "plant"]
