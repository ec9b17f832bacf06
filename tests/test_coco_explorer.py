"""The explorer: every control without a front end, and its static twin."""

from __future__ import annotations

import json
import re
import subprocess

import numpy as np
import pytest
from PIL import Image

from synscenes import coco, panoptic
from synscenes.site.browser import find_browser
from synscenes.widgets.coco_explorer import CocoExplorer
from synscenes.widgets.coco_scene import LAYERS, scene_svg

NAMES = {1: "person", 18: "dog", 62: "</script> & chair"}


def box(identifier, image, category, left, **more):
    points = [left, 10, left + 20, 10, left + 20, 30, left, 30]
    entry = {"id": identifier, "image_id": image, "category_id": category, "bbox": [left, 10, 20, 20], "area": 400}
    return {**entry, "segmentation": [points], "iscrowd": 0, **more}


@pytest.fixture
def folder(tmp_path):
    """Three images: a person and a dog, a dog, nothing."""
    images = [{"id": i, "file_name": f"{i}.jpg", "width": 64, "height": 48} for i in (1, 2, 3)]
    categories = [{"id": i, "name": name, "supercategory": "s"} for i, name in NAMES.items()]
    joints = [20, 15, 2, 25, 15, 1] + [0] * 45
    crowd = {"size": [48, 64], "counts": [0, 480, 2592]}
    things = [box(1, 1, 1, 5), box(2, 1, 18, 35), box(3, 2, 18, 5)]
    things.append(box(4, 2, 62, 0, segmentation=crowd, bbox=[0, 0, 10, 48], area=480, iscrowd=1))
    notes = tmp_path / "annotations"
    head = {"images": images, "categories": categories}
    coco.save({**head, "annotations": things}, notes / "instances_val2017.json")
    people = [box(1, 1, 1, 5, keypoints=joints, num_keypoints=2)]
    coco.save({**head, "annotations": people}, notes / "person_keypoints_val2017.json")
    captions = [{"id": 9, "image_id": 1, "caption": "A <b>dog</b> & its person."}]
    coco.save({"images": images, "annotations": captions}, notes / "captions_val2017.json")
    segments = [{"id": 7, "category_id": 1, "area": 1536, "bbox": [0, 0, 32, 48], "iscrowd": 0},
                {"id": 70_000, "category_id": 18, "area": 1536, "bbox": [32, 0, 32, 48], "iscrowd": 0}]  # fmt: skip
    record = {"image_id": 1, "file_name": "1.png", "segments_info": segments}
    coco.save({**head, "annotations": [record]}, notes / "panoptic_val2017.json")
    panoptic.write_png(notes / "panoptic_val2017" / "1.png", np.repeat([7, 70_000], 32)[None].repeat(48, axis=0))
    (tmp_path / "val2017").mkdir()
    for image in images:
        Image.new("RGB", (64, 48), "navy").save(tmp_path / "val2017" / image["file_name"])
    return coco.folder(tmp_path)


@pytest.fixture
def explorer(folder):
    return CocoExplorer(folder)


def test_it_opens_with_all_images_and_pages_around_the_end(explorer):
    assert explorer.matching == [1, 2, 3] and explorer.image_id == 1
    explorer.move(-1)
    assert explorer.image_id == 3 and "image 3 of 3" in explorer.status.value
    explorer.move(1)
    assert explorer.image_id == 1


def test_chosen_categories_must_all_be_there(explorer):
    explorer.choose("dog")
    assert explorer.matching == [1, 2]
    explorer.choose("dog", "person")
    assert explorer.matching == [1] and "image 1 of 1" in explorer.status.value
    with pytest.raises(ValueError, match="no image of 'val' has 'cat'"):
        explorer.choose("cat")
    assert explorer.matching == [1]


def test_the_picker_chooses_too(explorer):
    explorer._picker.value = ("person", NAMES[62])
    assert explorer.matching == [] and explorer.image_id is None and "No image" in explorer.view.value
    explorer._picker.value = ()
    assert explorer.matching == [1, 2, 3]


def test_layers_are_switched_by_rules_alone(explorer):
    drawn = explorer.view.value
    for layer, toggle in explorer.toggles.items():
        toggle.value = not toggle.value
        assert (f"synscenes-no-{layer}" in explorer.view._dom_classes) != toggle.value
    assert explorer.view.value == drawn and set(explorer.toggles) == set(LAYERS)


def test_captions_are_text_and_no_markup(explorer):
    assert "A &lt;b&gt;dog&lt;/b&gt; &amp; its person." in explorer.view.value


def test_kinds_the_folder_lacks_are_left_out(folder):
    for kind in ("panoptic", "person_keypoints", "captions"):
        (folder.root / "annotations" / f"{kind}_val2017.json").unlink()
    explorer = CocoExplorer(folder)
    assert set(explorer.toggles) == {"masks", "boxes", "names"} and "<ol>" not in explorer.view.value


def test_unknown_layers_are_refused(folder):
    with pytest.raises(ValueError, match="'outlines'"):
        CocoExplorer(folder, shown=("outlines",))


def test_the_twin_holds_the_most_varied_images_and_nothing_foreign(folder):
    twin = CocoExplorer(folder, twin_images=2).twin_html()
    packed = re.search(r'application/json">(.*?)</script>', twin, re.DOTALL)[1]
    data = json.loads(packed)
    assert [scene["name"] for scene in data["scenes"]] == ["1.jpg", "2.jpg"] and data["total"] == 3
    assert twin.count("</script>") == 2 and "http" not in twin
    assert all('role="img" aria-label=' in scene["svg"] for scene in data["scenes"])


def test_the_svg_describes_itself_and_draws_every_layer(folder):
    explorer = CocoExplorer(folder)
    svg = explorer._svg(1)
    assert 'aria-label="A scene with a person and a dog, and its annotation on top"' in svg
    for layer, mark in {"panoptic": "<image", "masks": "<path", "boxes": "<rect", "joints": "<circle"}.items():
        assert mark in re.search(rf'<g class="{layer}">(.*?)</g>', svg)[1]
    assert svg.count("<circle") == 2 and "left eye (hidden)" in svg
    assert "(crowd)" in explorer._svg(2) and "stroke-dasharray" in explorer._svg(2)


def test_names_without_room_are_left_out():
    things = [box(i, 1, 18, 20) for i in range(1, 30)]
    svg = scene_svg(Image.new("RGB", (320, 240)), things, NAMES)
    assert 1 <= svg.count("<text") < 29


@pytest.mark.skipif(find_browser() is None, reason="no Chromium or Chrome on this machine")
def test_the_twin_works_in_a_browser(folder, tmp_path):
    """Another script picks a category and pages; the page's title then says what is shown."""
    script = """
    const root = document.querySelector(".synscenes-explorer"), picker = root.querySelector("select");
    const said = () => root.querySelector(".said").textContent, found = [said()];
    [...picker.options].forEach((option) => { option.selected = option.value === "dog"; });
    picker.dispatchEvent(new Event("change"));
    root.querySelector('[data-step="1"]').click();
    found.push(said());
    root.querySelector("input").click();
    document.title = JSON.stringify([...found, root.querySelector(".view").className]);
    """
    page = tmp_path / "page.html"
    twin = CocoExplorer(folder).twin_html()
    page.write_text(f"<!doctype html><meta charset=utf-8>{twin}<script>{script}</script>", encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    command = [find_browser(), *flags, page.as_uri()]
    out = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    title = re.search(r"<title>(.*?)</title>", out.stdout)[1].replace("&quot;", '"')
    first, second, layers = json.loads(title)
    assert first.startswith("Image 1 of 3 with anything") and second.startswith("Image 2 of 2 with dog")
    assert "no-panoptic" not in layers and "no-masks" in layers
