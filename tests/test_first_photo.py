"""The first photograph's annotation: COCO's own tools must accept it and agree with its numbers."""

from __future__ import annotations

import contextlib
import io
import re

import numpy as np
import pytest
from pycocotools.coco import COCO

from synscenes import first_photo
from synscenes.draw import mask_of
from synscenes.widgets.overlay import LAYERS, Overlay

DOCUMENTS = first_photo.documents()
THINGS = DOCUMENTS["instances"]["annotations"]


def _coco(document: dict) -> COCO:
    coco = COCO()
    coco.dataset = document
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
    return coco


@pytest.mark.parametrize("name", ["instances", "person_keypoints", "captions"])
def test_pycocotools_reads_each_document(name):
    coco = _coco(DOCUMENTS[name])
    assert coco.getImgIds() == [1]
    assert coco.getAnnIds(imgIds=1) == [entry["id"] for entry in DOCUMENTS[name]["annotations"]]


@pytest.mark.parametrize("thing", THINGS, ids=["dog", "person"])
def test_area_and_box_are_the_outlines(thing):
    coco = _coco(DOCUMENTS["instances"])
    assert coco.annToMask(thing).sum() == thing["area"]
    points = np.concatenate([np.reshape(outline, (-1, 2)) for outline in thing["segmentation"]])
    low, high = points.min(axis=0), points.max(axis=0)
    np.testing.assert_allclose(thing["bbox"], [*low, *(high - low)], atol=0.011)
    assert points.min() >= 0 and points.max() <= 512


def test_dog_and_person_share_no_pixel():
    dog, person = (mask_of(thing, 512, 512) for thing in THINGS)
    assert not (dog & person).any()


def test_categories_are_cocos_eighty():
    categories = DOCUMENTS["instances"]["categories"]
    ids = [entry["id"] for entry in categories]
    assert len(ids) == 80 and ids == sorted(ids)
    assert set(range(1, 91)) - set(ids) == {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
    assert len({entry["supercategory"] for entry in categories}) == 12
    assert [NAMES[thing["category_id"]] for thing in THINGS] == ["dog", "person"]


NAMES = {entry["id"]: entry["name"] for entry in DOCUMENTS["instances"]["categories"]}


def test_joints_are_marked_where_the_person_is():
    person = DOCUMENTS["person_keypoints"]["annotations"][0]
    joints = np.reshape(person["keypoints"], (17, 3))
    assert (joints[joints[:, 2] == 0] == 0).all()
    assert person["num_keypoints"] == (joints[:, 2] > 0).sum()
    mask = mask_of(THINGS[1], 512, 512)
    for x, y, seen in joints:
        assert seen < 2 or mask[y, x], "a visible joint lies outside the person's outline"


def test_five_different_captions():
    sentences = [entry["caption"] for entry in DOCUMENTS["captions"]["annotations"]]
    assert len(set(sentences)) == 5 and all(sentence.endswith(".") for sentence in sentences)


def test_the_file_says_whose_annotation_it_is():
    for document in DOCUMENTS.values():
        assert "not part of COCO" in document["info"]["description"]


@pytest.fixture(scope="module")
def photo():
    return first_photo.load()


def test_photograph_and_annotation_belong_together(photo):
    record = photo.instances["images"][0]
    assert photo.path.name == record["file_name"] and photo.label == first_photo.LABEL == 243
    assert photo.image.size == (record["width"], record["height"]) == (512, 512)
    assert photo.masks().sum(axis=(1, 2)).tolist() == [thing["area"] for thing in photo.annotations]


@pytest.fixture(scope="module")
def overlay(photo):
    return Overlay(photo.image, photo.annotations, photo.categories, people=[photo.person])


def test_each_checkbox_shows_and_hides_its_layer(overlay):
    for layer, toggle in overlay.toggles.items():
        before = toggle.value
        toggle.value = not before
        assert (layer in overlay.shown) is not before
        assert (f"synscenes-no-{layer}" in overlay.picture._dom_classes) is before
        toggle.value = before
    assert overlay.shown == ["boxes", "labels"]


def test_static_twin_needs_nothing_from_elsewhere(overlay):
    page = overlay.twin_html()
    assert not re.search(r"https?://|<script|url\(", page)
    assert page.count('type="checkbox"') == len(LAYERS) and page.count(" checked>") == 2
    assert 'aria-label="A photograph of a dog and a person' in page
    assert len(page) < 200_000


def test_two_twins_on_one_page_do_not_meddle(overlay):
    # Ids would clash, and every rule that hides a layer must stay inside its own twin.
    page = overlay.twin_html()
    assert not re.search(r'\bid="', page)
    # The rules alone: the same search over the picture's bytes would take a minute.
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    rules = re.findall(r"([^{}]+)\{display: none;\}", style.replace(" {", "{"))
    assert len(rules) == len(LAYERS) and all(".synscenes-overlay:has(" in rule for rule in rules)


def test_unknown_layer_is_refused(photo):
    with pytest.raises(ValueError, match="shown"):
        Overlay(photo.image, photo.annotations, photo.categories, shown=["leash"])
