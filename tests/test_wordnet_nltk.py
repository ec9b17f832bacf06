"""WordNet's numbers against NLTK's own reader over the same files: equal to the last bit."""

from __future__ import annotations

import random

import pytest

from synscenes import imagenet, wordnet


@pytest.fixture(scope="module")
def nltk():
    return wordnet.nltk_wordnet()


@pytest.fixture(scope="module")
def wn():
    return wordnet.load()


@pytest.fixture(scope="module")
def chosen(wn):
    """Fifty synsets of all kinds: ImageNet classes, random nouns, relatives, instances, and the root."""
    rng = random.Random(2)
    classes = [each.wnid for each in imagenet.classes()]
    nouns = list(wn)
    several = [wnid for wnid in nouns if len(wn.parents(wnid)) > 1]
    instances = [wnid for wnid in rng.sample(nouns, 2000) if wn.synset(wnid).is_instance]
    picked = rng.sample(classes, 15) + rng.sample(nouns, 10) + rng.sample(several, 10) + instances[:5]
    # dog and its relatives: short cuts in the DAG make Wu-Palmer's corner cases
    return [
        *picked,
        "n00001740",
        "n02084071",
        "n02083346",
        "n02099601",
        "n01861778",
        "n01317541",
        "n00007846",
    ]


def of(nltk, wnid):
    return nltk.synset_from_pos_and_offset("n", int(wnid[1:]))


def to_wnid(synset):
    return f"n{synset.offset():08d}"


def test_synsets_read_the_same(nltk, wn, chosen):
    for wnid in [*chosen, *random.Random(3).sample(list(wn), 1000)]:
        ours, theirs = wn.synset(wnid), of(nltk, wnid)
        assert ours.name == theirs.name()
        assert list(ours.lemmas) == theirs.lemma_names()
        assert ours.definition == theirs.definition()
        assert list(ours.examples) == theirs.examples()
        assert ours.lexname == theirs.lexname()
        assert set(ours.hypernyms) == {to_wnid(s) for s in theirs.hypernyms() + theirs.instance_hypernyms()}
        assert set(ours.hyponyms) == {to_wnid(s) for s in theirs.hyponyms() + theirs.instance_hyponyms()}
        assert ours.is_instance == bool(theirs.instance_hypernyms())


def test_paths_depths_and_descendants_are_the_same(nltk, wn, chosen):
    for wnid in chosen:
        theirs = of(nltk, wnid)
        paths = [[to_wnid(synset) for synset in path] for path in theirs.hypernym_paths()]
        assert sorted(wn.hypernym_paths(wnid)) == sorted(paths)
        assert wn.depth(wnid) == (theirs.min_depth(), theirs.max_depth())
    dog = of(nltk, "n02084071")
    assert wn.descendants("n02084071") == sorted(
        to_wnid(synset) for synset in dog.closure(lambda s: s.hyponyms())
    )


@pytest.mark.parametrize("measure", ["path_similarity", "wup_similarity", "lch_similarity"])
def test_similarities_equal_nltk_bit_for_bit(nltk, wn, chosen, measure):
    ours = getattr(wn.taxonomy(chosen), measure)()
    for row, a in enumerate(chosen):
        for column, b in enumerate(chosen):
            theirs = getattr(of(nltk, a), measure)(of(nltk, b))
            assert ours[row, column] == theirs, f"{measure}({a}, {b})"


def test_lowest_common_subsumers_and_their_depth_equal_nltk(nltk, wn, chosen):
    depths = wn.taxonomy(chosen).lca_depth()
    for row, a in enumerate(chosen):
        for column, b in enumerate(chosen):
            theirs = of(nltk, a).lowest_common_hypernyms(of(nltk, b))
            assert wn.lowest_common_subsumers(a, b) == sorted(map(to_wnid, theirs))
            assert depths[row, column] == theirs[0].max_depth()


def test_nltk_compares_a_dog_with_itself_below_1_and_so_do_we(nltk, wn):
    """The corner that shows which subsumer NLTK chooses: canine's shortest path is longer than dog's."""
    dog = of(nltk, "n02084071")
    assert (
        dog.wup_similarity(dog) == wn.taxonomy(["n02084071"]).wup_similarity()[0, 0] == pytest.approx(13 / 14)
    )


def test_information_content_is_read_from_the_asset():
    counts = wordnet.nltk_information_content()
    assert set(counts) == {"n", "v"}
    assert 0 < counts["n"][2084071] < counts["n"][0]
