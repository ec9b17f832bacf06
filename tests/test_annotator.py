"""The annotator: every stroke is on the disk at once, and nothing that a browser sends can break the file."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from synscenes import coco
from synscenes.annotator.book import Book
from synscenes.annotator.widget import Annotator
from synscenes.errors import CourseError

CATEGORIES = [{"id": 1, "name": "person", "supercategory": "person"}, {"id": 18, "name": "dog"}]
BOX = [[10, 5], [30, 25]]
JOINTS = [[12.0, 8.0, 2]] * 5 + [[14.0, 9.0, 1]] * 6 + [[0, 0, 0]] * 6


@pytest.fixture
def photographs(tmp_path):
    folder = tmp_path / "photographs"
    folder.mkdir()
    for name in ("b.png", "a.jpg"):
        Image.new("RGB", (64, 48), "grey").save(folder / name)
    return folder


@pytest.fixture
def path(tmp_path):
    return tmp_path / "mine" / "instances.json"


def on_disk(path):
    return json.loads(path.read_text())["annotations"]


def test_each_stroke_is_on_the_disk_when_it_returns(path, photographs):
    book = Book(path, photographs, CATEGORIES)
    book.add(1, 18, BOX, "box")
    assert [entry["bbox"] for entry in on_disk(path)] == [[10, 5, 20, 20]]
    second = book.add(1, 1, [[1, 1], [9, 1], [9, 9]], "polygon")
    assert len(on_disk(path)) == 2
    book.set_joints(second["id"], JOINTS)
    assert on_disk(path)[1]["num_keypoints"] == 11
    book.remove(1)
    assert [entry["id"] for entry in on_disk(path)] == [2]


def test_a_killed_kernel_loses_nothing(path, photographs):
    script = (
        "import sys, time\n"
        "from synscenes.annotator.book import Book\n"
        f"book = Book({str(path)!r}, {str(photographs)!r}, {CATEGORIES!r})\n"
        "for place in range(1000):\n"
        "    book.add(1, 18, [[place % 40, 2], [place % 40 + 10 + place / 100, 20]], 'box')\n"
        "    print(place + 1, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    confirmed = 0
    for line in process.stdout:
        confirmed = int(line)
        if confirmed == 25:
            process.kill()
            break
    confirmed = max([confirmed, *map(int, process.stdout.read().split())])
    process.wait()
    kept = Book(path, photographs, CATEGORIES)
    assert len(kept.document["annotations"]) in (confirmed, confirmed + 1)  # the last may be saved and not yet told


def test_work_goes_on_where_it_stopped(path, photographs):
    Book(path, photographs, CATEGORIES).add(2, 1, BOX, "box")
    Image.new("RGB", (20, 20)).save(photographs / "c.png")
    book = Book(path, photographs, CATEGORIES)
    assert [image["file_name"] for image in book.images] == ["a.jpg", "b.png", "c.png"]
    assert book.add(3, 1, BOX, "box")["id"] == 2


def test_the_same_stroke_twice_is_one(path, photographs):
    book = Book(path, photographs, CATEGORIES)
    assert book.add(1, 18, BOX, "box")["id"] == book.add(1, 18, BOX, "box")["id"]
    assert len(on_disk(path)) == 1


def test_the_file_has_no_problem(path, photographs):
    book = Book(path, photographs, CATEGORIES)
    book.add(1, 18, [[-5, -5], [30, 99]], "box")
    person = book.add(2, 1, [[3, 3], [40, 3], [40, 40], [3, 40]], "polygon")
    book.set_joints(person["id"], JOINTS)
    problems = coco.validate(path, images=photographs)
    assert [str(problem) for problem in problems if problem.level == "error"] == []


def test_area_is_that_of_the_pixels(path, photographs):
    from pycocotools import mask

    record = Book(path, photographs, CATEGORIES).add(1, 18, [[3, 3], [40, 5], [20, 40]], "polygon")
    runs = mask.frPyObjects(record["segmentation"], 48, 64)
    assert record["area"] == mask.area(runs).sum()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda book: book.add(9, 18, BOX, "box"), "No image has the id 9"),
        (lambda book: book.add(1, 3, BOX, "box"), "No category has the id 3"),
        (lambda book: book.add(1, 18, BOX, "circle"), "not 'circle'"),
        (lambda book: book.add(1, 18, [[1, 1]], "box"), "needs 2 corners"),
        (lambda book: book.add(1, 18, BOX, "polygon"), "needs 3 or more corners"),
        (lambda book: book.add(1, 18, [[1, 1], [2, 2]], "box"), "too small to be meant"),
        (lambda book: book.add(1, 18, [[1, 1], [float("nan"), 2]], "box"), "at infinity"),
        (lambda book: book.add(1, 18, [[1, 1], ["x", 2]], "box"), "is two numbers"),
        (lambda book: book.remove(5), "No annotation has the id 5"),
        (lambda book: book.set_joints(book.add(1, 18, BOX, "box")["id"], JOINTS), "is called dog"),
        (lambda book: book.set_joints(book.add(1, 1, BOX, "box")["id"], JOINTS[:3]), "has 17 joints, got 3"),
        (lambda book: book.set_joints(book.add(1, 1, BOX, "box")["id"], [[1, 1, 3]] * 17), "visibility of 0, 1 or 2"),
    ],
)
def test_a_senseless_stroke_is_refused_in_one_line(call, message, path, photographs):
    with pytest.raises(CourseError, match=message) as caught:
        call(Book(path, photographs, CATEGORIES))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"), [("{", "is not JSON"), ("[]", "should hold one object"), ('{"images": []}', "no COCO file")]
)
def test_a_foreign_file_is_not_overwritten(content, message, path, photographs):
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(CourseError, match=message):
        Book(path, photographs, CATEGORIES)
    assert path.read_text() == content


def test_other_categories_are_refused(path, photographs):
    Book(path, photographs, CATEGORIES).save()
    with pytest.raises(CourseError, match="other categories"):
        Book(path, photographs, CATEGORIES[:1])


def test_a_folder_without_photographs_is_refused(path, tmp_path):
    with pytest.raises(CourseError, match="No photograph"):
        Book(path, tmp_path, CATEGORIES)


def add(points, kind="box", image=1, category=18):
    return {"do": "add", "kind": kind, "points": points, "category_id": category, "image_id": image, "token": "t"}


def test_the_widget_saves_names_turns_and_undoes(path, photographs):
    widget = Annotator(path, photographs, CATEGORIES)
    widget.receive(add(BOX))
    assert widget.answer == {"token": "t", "said": "Saved in instances.json: 1 annotations."}
    widget.receive({"do": "rename", "id": 1, "category_id": 1, "token": "u"})
    assert widget.shapes[0]["category_id"] == 1
    widget.receive({"do": "joints", "id": 1, "joints": JOINTS})
    assert len(widget.shapes[0]["keypoints"]) == 51
    widget.receive({"do": "remove", "id": 1})
    assert widget.shapes == []
    for expected in ([51], [0], [0], []):
        widget.receive({"do": "undo"})
        assert [len(shape["keypoints"]) for shape in widget.shapes] == expected
    widget.receive({"do": "undo"})
    assert widget.answer["said"] == "Nothing to undo since this cell was run."
    widget.receive({"do": "turn", "place": -1})
    assert (widget.view["name"], widget.place) == ("b.png", 1)
    assert on_disk(path) == []


def test_a_stroke_for_another_photograph_goes_where_it_belongs(path, photographs):
    widget = Annotator(path, photographs, CATEGORIES)
    widget.receive(add(BOX, image=2))  # sent again after a restart, while the first photograph is shown
    assert widget.shapes == [] and on_disk(path)[0]["image_id"] == 2


def test_a_disk_that_cannot_be_written_is_said(path, photographs, monkeypatch):
    widget = Annotator(path, photographs, CATEGORIES)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("synscenes.coco.saving.write_atomic", full)
    widget.receive(add(BOX))
    assert widget.answer["problem"] == "NOT SAVED: instances.json can't be written (No space left on device)."
    monkeypatch.undo()
    widget.receive(add(BOX))  # what the browser sends again once there is room
    assert len(on_disk(path)) == 1


def test_a_photograph_that_went_away_leaves_the_one_shown(path, photographs):
    widget = Annotator(path, photographs, CATEGORIES)
    (photographs / "b.png").unlink()
    widget.receive({"do": "turn", "place": 1})
    assert "b.png can't be read" in widget.answer["problem"] and widget.image["file_name"] == "a.jpg"


def test_a_photograph_stored_turned_has_the_size_it_is_shown_in(path, photographs):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (64, 48)).save(photographs / "a.jpg", exif=exif)
    assert [(image["width"], image["height"]) for image in Book(path, photographs, CATEGORIES).images] == [
        (48, 64),
        (64, 48),
    ]
    assert [str(each) for each in coco.validate(path, images=photographs) if each.code == "other-dimensions"] == []


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
verbs = st.sampled_from(["add", "joints", "rename", "remove", "undo", "turn", "x"])
fields = ["id", "image_id", "category_id", "points", "kind", "joints", "place", "token"]


@given(messages=st.lists(st.fixed_dictionaries({"do": verbs}, optional=dict.fromkeys(fields, junk)) | junk, max_size=6))
@settings(max_examples=60, deadline=None)
def test_whatever_is_sent_gets_an_answer_and_leaves_a_sound_file(messages, tmp_path_factory):
    folder = tmp_path_factory.mktemp("annotator")
    Image.new("RGB", (64, 48)).save(folder / "a.png")
    widget = Annotator(folder / "mine.json", folder, CATEGORIES)
    widget.receive(add(BOX))
    for message in messages:
        widget.receive(message)
        assert widget.answer.get("said") or widget.answer.get("problem")
    assert not [problem for problem in coco.validate(folder / "mine.json") if problem.level == "error"]


def test_the_twin_needs_no_kernel_and_no_other_host(path, photographs):
    widget = Annotator(path, photographs, CATEGORIES)
    widget.receive(add(BOX))
    twin = widget.twin_html()
    assert "export default" not in twin and '"bbox": [10.0, 5.0, 20.0, 20.0]' in twin
    addresses = twin.replace("http://www.w3.org/2000/svg", "")
    assert "http" not in addresses


def test_the_display_carries_widget_and_twin(path, photographs):
    shown = Annotator(path, photographs, CATEGORIES)._repr_mimebundle_()
    data = shown[0] if isinstance(shown, tuple) else shown
    assert {"application/vnd.jupyter.widget-view+json", "text/html"} <= set(data)
