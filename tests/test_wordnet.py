"""WordNet's reader: facts that lessons quote, laws of a hierarchy, and what wrong input is told."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synscenes import imagenet, wordnet
from synscenes.errors import CourseError

DOG, GOLDEN, MAMMAL, ENTITY, PARIS = "n02084071", "n02099601", "n01861778", "n00001740", "n08932568"


@pytest.fixture(scope="module")
def wn():
    return wordnet.load()


@pytest.fixture(scope="module")
def classes():
    return [each.wnid for each in imagenet.classes()]


@st.composite
def wnids(draw):
    known = _all_wnids()
    return known[draw(st.integers(0, len(known) - 1))]


def _all_wnids(cache: list[str] = []) -> list[str]:  # noqa: B006
    cache.extend(wordnet.load() if not cache else ())
    return cache


def test_a_second_load_returns_the_same_object(wn):
    assert wordnet.load() is wn


def test_wordnet_3_0_has_82115_noun_synsets(wn):
    assert len(wn) == len(list(wn)) == 82_115


def test_the_synset_of_dog(wn):
    dog = wn.synset(DOG)
    assert (dog.wnid, dog.offset, dog.name, dog.lexname) == (DOG, 2084071, "dog.n.01", "noun.animal")
    assert dog.lemmas == ("dog", "domestic_dog", "Canis_familiaris")
    assert dog.definition.startswith("a member of the genus Canis")
    assert dog.definition.endswith("occurs in many breeds")
    assert dog.examples == ("the dog barked all night",)
    assert dog.hypernyms == ("n02083346", "n01317541")
    assert len(dog.hyponyms) == 18
    assert not dog.is_instance


def test_an_instance_is_known_as_one(wn):
    paris = wn.synset(PARIS)
    assert paris.is_instance
    assert wn.name(paris.hypernyms[0]) == "national capital"


def test_n02084442_is_no_synset_and_the_error_names_its_neighbours(wn):
    assert "n02084442" not in wn
    with pytest.raises(
        CourseError, match=r"n02084442 is not a noun synset.*n02084071 \(dog\).*search\(\)"
    ) as error:
        wn.synset("n02084442")
    assert isinstance(error.value, KeyError)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        (2084071, 'write the string "n02084071"'),
        (None, "of type NoneType"),
        (True, "of type bool"),
        (["n02084071"], "of type list"),
        (b"n02084071", "of type bytes"),
        ("v02084071", "verbs"),
        ("a02084071", "adjectives"),
        ("n2084071", 'here "n02084071"'),
        ("02084071-n", 'here "n02084071"'),
        ("N02084071", 'here "n02084071"'),
        (" n02084071 ", 'here "n02084071"'),
        ("dog", "use search"),
        ("", "use search"),
        ("n020840711", "use search"),
        ("n٠٢٠٨٤٠٧١", ""),
    ],
)
def test_what_is_no_wnid_is_told_what_to_write(wn, wrong, advice):
    for method in (
        wn.synset,
        wn.parents,
        wn.children,
        wn.descendants,
        wn.ancestors,
        wn.hypernym_paths,
        wn.depth,
    ):
        with pytest.raises(CourseError) as error:
            method(wrong)
        assert isinstance(error.value, ValueError)
        assert advice in str(error.value)
        assert "\n" not in str(error.value)
    assert wrong not in wn


def test_golden_retriever_has_two_paths_of_12_and_17_steps(wn):
    paths = wn.hypernym_paths(GOLDEN)
    assert [len(path) - 1 for path in paths] == [12, 17]
    assert all(path[0] == ENTITY and path[-1] == GOLDEN and DOG in path for path in paths)
    assert [MAMMAL in path for path in paths] == [False, True]
    assert wn.depth(GOLDEN) == (12, 17)


def test_the_nouns_are_19_steps_deep_below_one_root(wn):
    assert wn.max_depth == 19
    assert [wnid for wnid in wn if not wn.parents(wnid)] == [ENTITY]
    assert len(wn.descendants(ENTITY)) == len(wn) - 1


def test_38_of_the_1000_classes_have_several_parents_and_304_several_paths(wn, classes):
    assert sum(len(wn.parents(wnid)) > 1 for wnid in classes) == 38
    assert sum(len(wn.hypernym_paths(wnid)) > 1 for wnid in classes) == 304


def test_the_1000_classes_and_their_ancestors_are_1860_synsets(wn, classes):
    assert len(wn.closure(classes)) == 1_860


def test_no_class_is_an_ancestor_of_another(wn, classes):
    chosen = set(classes)
    assert not any(chosen.intersection(wn.ancestors(wnid)) for wnid in classes)


def test_all_21841_imagenet_wnids_are_synsets(wn):
    labels = imagenet.all_wnids()
    assert len(set(labels)) == 21_841
    assert [label for label in labels if label not in wn] == []


@settings(max_examples=150, deadline=None)
@given(wnids())
def test_parents_and_children_mirror_each_other(wnid):
    wn = wordnet.load()
    assert all(wnid in wn.children(parent) for parent in wn.parents(wnid))
    assert all(wnid in wn.parents(child) for child in wn.children(wnid))


@settings(max_examples=150, deadline=None)
@given(wnids())
def test_paths_agree_with_depth_and_with_ancestors(wnid):
    wn = wordnet.load()
    paths = wn.hypernym_paths(wnid)
    assert wn.depth(wnid) == (min(map(len, paths)) - 1, max(map(len, paths)) - 1)
    assert sorted({node for path in paths for node in path} - {wnid}) == wn.ancestors(wnid)
    assert all(wn.parents(below).count(above) == 1 for path in paths for above, below in pairwise(path))
    assert wnid not in wn.ancestors(wnid)
    assert len({tuple(path) for path in paths}) == len(paths)


@settings(max_examples=100, deadline=None)
@given(wnids(), wnids())
def test_the_lowest_common_subsumer_of_x_and_x_is_x_and_order_does_not_matter(a, b):
    wn = wordnet.load()
    assert wn.lowest_common_subsumers(a, a) == [a]
    assert wn.lowest_common_subsumers(a, b) == wn.lowest_common_subsumers(b, a)
    for parent in wn.parents(a):
        assert wn.lowest_common_subsumers(a, parent) == [parent]


@settings(max_examples=60, deadline=None)
@given(st.lists(wnids(), min_size=1, max_size=12))
def test_similarity_matrices_obey_their_laws(chosen):
    taxonomy = wordnet.load().taxonomy(chosen)
    path, lch, wup = taxonomy.path_similarity(), taxonomy.lch_similarity(), taxonomy.wup_similarity()
    for matrix in (path, lch, wup):
        assert matrix.shape == (len(chosen), len(chosen))
        assert matrix.dtype == np.float64
    assert np.array_equal(path, path.T)
    assert np.array_equal(lch, lch.T)
    assert np.all(path.diagonal() == 1)
    assert np.all((path > 0) & (path <= 1))
    assert np.all((wup > 0) & (wup <= 1))
    assert np.array_equal(np.argsort(path, axis=1, kind="stable"), np.argsort(lch, axis=1, kind="stable"))
    depth = taxonomy.lca_depth()
    assert np.array_equal(depth, depth.T)
    assert depth.diagonal().tolist() == [wordnet.load().depth(wnid)[1] for wnid in chosen]


def test_wu_palmer_by_the_longest_path_scores_1_with_itself_and_puts_a_labrador_before_a_wolf(wn, classes):
    assert np.all(wn.taxonomy(classes).wup_similarity(use_min_depth=False).diagonal() == 1)
    some = wn.taxonomy(
        [GOLDEN, "n02099712", "n02114367"]
    )  # golden retriever, Labrador retriever, timber wolf
    _, labrador, wolf = some.wup_similarity()[0]
    assert (round(labrador, 3), round(wolf, 3)) == (0.722, 0.788)
    _, labrador, wolf = some.wup_similarity(use_min_depth=False)[0]
    assert (round(labrador, 3), round(wolf, 3)) == (0.944, 0.788)


def test_a_class_given_twice_has_two_equal_rows(wn):
    path = wn.taxonomy([DOG, GOLDEN, DOG]).path_similarity()
    assert np.array_equal(path[0], path[2])
    assert path[0, 2] == 1


def test_a_taxonomy_of_nothing_is_refused(wn):
    with pytest.raises(ValueError, match="at least one wnid"):
        wn.taxonomy([])


def test_a_taxonomy_of_an_unknown_wnid_names_it(wn):
    with pytest.raises(CourseError, match="n02084442"):
        wn.taxonomy([DOG, "n02084442"])


def test_tree_order_is_a_permutation_that_keeps_dogs_together(wn, classes):
    order = wn.taxonomy(classes).order()
    assert sorted(order) == list(range(1000))
    dogs = set(wn.descendants(DOG))
    places = [place for place, row in enumerate(order) if classes[row] in dogs]
    assert places == list(range(places[0], places[0] + 118))


def test_counts_are_classes_below_each_node(wn, classes):
    taxonomy = wn.taxonomy(classes)
    counts = dict(zip(taxonomy.nodes, taxonomy.counts()))
    assert counts[ENTITY] == 1000
    assert counts[DOG] == 118
    assert counts[GOLDEN] == 1


def test_searching_a_word_gives_its_senses_in_order_first(wn):
    found = wn.search("Dog", limit=30)
    assert [wn.synset(wnid).name for wnid in found[:3]] == ["dog.n.01", "frump.n.01", "dog.n.03"]
    assert len(found) == 30
    assert wn.search("golden  Retriever") == [GOLDEN]
    assert wn.search("dog.n.01") == wn.search(DOG) == [DOG]
    assert wn.search("dog.n.99") == wn.search("") == wn.search("no such word") == []


def test_searching_for_no_text_is_refused(wn):
    with pytest.raises(ValueError, match="a word as a string"):
        wn.search(2084071)


def test_a_folder_without_wordnet_is_told_what_it_needs(tmp_path):
    with pytest.raises(CourseError, match=r"needs data\.noun and index\.noun"):
        wordnet.load(tmp_path)


def test_another_wordnet_can_be_read_from_its_folder(wn, tmp_path):
    # Two synsets in the file format of wndb(5WN): the second is an instance of the first.
    root = b"00000000 03 n 01 thing 0 001 ~i 00000068 n 0000 | all there is  \n"
    one = b'00000068 15 n 02 Here 0 this_place 0 001 @i 00000000 n 0000 | the place; "come here"\n'
    (tmp_path / "data.noun").write_bytes(root.ljust(67).rstrip(b"\n")[:67].ljust(67) + b"\n" + one)
    (tmp_path / "index.noun").write_text("here n 1 1 @i 1 0 00000068\nthing n 1 1 ~i 1 0 00000000\n")
    other = wordnet.load(tmp_path)
    place = other.synset("n00000068")
    assert (place.name, place.lexname, place.is_instance) == ("here.n.01", "noun.location", True)
    assert (place.definition, place.examples) == ("the place", ("come here",))
    assert other.depth("n00000068") == (1, 1)


def test_the_groups_of_a_drawing_split_the_classes_without_rest(wn, classes):
    from synscenes.wordnet.drawing import groups_in_order

    groups = groups_in_order(wn.taxonomy(classes), most=130)
    assert [start for _, start, _ in groups] == [0, *(stop for _, _, stop in groups)][:-1]
    assert groups[-1][2] == 1000
    assert max(stop - start for _, start, stop in groups) <= 130
    assert ("canine", 130) in [(name, stop - start) for name, start, stop in groups]
