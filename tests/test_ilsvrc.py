"""The reader of the official ImageNet tree, on the course's small tree."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from synscenes import ilsvrc, imagenet
from synscenes.errors import CourseError
from synscenes.ilsvrc.damages import DAMAGES


@pytest.fixture(scope="session")
def whole(tmp_path_factory) -> Path:
    """A micro tree that no test changes."""
    return ilsvrc.write_micro(tmp_path_factory.mktemp("ilsvrc") / "micro")


@pytest.fixture
def tree_folder(whole, tmp_path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(whole, tmp_path / "copy"))


def test_every_photograph_is_in_the_tree_with_its_label(whole):
    tree = ilsvrc.load(whole)
    labels = sorted(record.label for record in [*tree.train(), *tree.val()])
    assert labels == sorted(photo.label for photo in imagenet.photos())


def test_a_training_image_has_its_folders_class(whole):
    for record in ilsvrc.load(whole).train():
        assert record.path.parent.name == record.wnid
        assert imagenet.classes()[record.label].wnid == record.wnid


def test_the_whole_tree_has_no_problems(whole):
    assert ilsvrc.load(whole).problems(decode=True) == []


def test_jpeg_files_are_copied_byte_for_byte(whole):
    copies = {path.read_bytes() for path in (whole / "ILSVRC/Data/CLS-LOC/val").iterdir()}
    assert copies == {photo.path.read_bytes() for photo in imagenet.photos("photos_foolbox")}


def test_boxes_agree_in_table_and_xml(whole):
    tree = ilsvrc.load(whole)
    for record in tree.val():
        assert record.boxes() == tree.truth.boxes[record.path.stem]


def test_without_xml_the_boxes_come_from_the_table(tree_folder):
    expected = [record.boxes() for record in ilsvrc.load(tree_folder).val()]
    shutil.rmtree(tree_folder / "ILSVRC/Annotations")
    assert [record.boxes() for record in ilsvrc.load(tree_folder).val()] == expected


def test_training_images_have_no_boxes(whole):
    assert {record.boxes() for record in ilsvrc.load(whole).train()} == {()}


def test_without_the_table_the_labels_come_from_xml(tree_folder):
    expected = [record.label for record in ilsvrc.load(tree_folder).val()]
    (tree_folder / "LOC_val_solution.csv").unlink()
    assert [record.label for record in ilsvrc.load(tree_folder).val()] == expected


def test_the_folder_itself_may_be_named(whole):
    assert len(ilsvrc.load(whole / "ILSVRC").val()) == 20


def test_a_neighbours_tree_is_not_taken(whole, tmp_path):
    (tmp_path / "ILSVRC").symlink_to(whole / "ILSVRC", target_is_directory=True)
    (tmp_path / "imagenet" / "val").mkdir(parents=True)
    assert ilsvrc.load(tmp_path / "imagenet").images == tmp_path / "imagenet"


def test_some_classes_alone(whole):
    wnids = [record.wnid for record in ilsvrc.load(whole).train()][:2]
    assert {record.wnid for record in ilsvrc.load(whole).train(wnids)} == set(wnids)


def test_a_class_that_is_not_there(whole):
    with pytest.raises(CourseError, match=r"train.n01440764 is missing: unpack n01440764\.tar"):
        ilsvrc.load(whole).train(["n01440764"])


@pytest.mark.parametrize("name", DAMAGES)
def test_every_damage_is_named_in_one_line(tree_folder, name):
    DAMAGES[name](tree_folder)
    lines = ilsvrc.load(tree_folder).problems(decode=True)
    assert lines
    assert all("\n" not in line for line in lines)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no train", "train is missing: unpack ILSVRC2012_img_train.tar"),
        ("no truth", "put LOC_val_solution.csv"),
        ("short truth", "LOC_val_solution.csv, line 8"),
        ("strange folder", "'n02084071' is not one of ILSVRC's 1,000 classes"),
        ("stray image", "ILSVRC2012_val_00000099.JPEG has no ground truth"),
        ("lost image", "missing from"),
        ("half image", "can't be decoded"),
        ("empty image", "is empty"),
        ("misfiled", "is in the folder of another class"),
        ("half boxes", "not well-formed XML"),
        ("hostile boxes", "Refused"),
    ],
)
def test_a_damage_is_called_what_it_is(tree_folder, name, said):
    DAMAGES[name](tree_folder)
    assert any(said in line for line in ilsvrc.load(tree_folder).problems(decode=True))


def test_reading_a_damaged_val_stops_with_a_course_error(tree_folder):
    DAMAGES["stray image"](tree_folder)
    with pytest.raises(CourseError, match="no ground truth"):
        ilsvrc.load(tree_folder).val()


def test_a_synset_mapping_cut_short(tree_folder):
    path = tree_folder / "LOC_synset_mapping.txt"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:900]))
    assert any("900 lines, expected 1,000" in line for line in ilsvrc.load(tree_folder).problems())


def test_a_box_outside_its_image(tree_folder):
    path = tree_folder / "ILSVRC/Annotations/CLS-LOC/val/ILSVRC2012_val_00000001.xml"
    path.write_text(path.read_text().replace("<xmax>312", "<xmax>9999"))
    assert any(
        "leaves the image, which is 512 × 512" in line
        for line in ilsvrc.load(tree_folder).problems(decode=True)
    )


def test_hidden_files_are_no_images(tree_folder):
    (tree_folder / "ILSVRC/Data/CLS-LOC/val/._ILSVRC2012_val_00000001.JPEG").write_bytes(b"macOS")
    assert len(ilsvrc.load(tree_folder).val()) == 20


def test_test_images_have_no_class(tree_folder):
    folder = tree_folder / "ILSVRC/Data/CLS-LOC/test"
    folder.mkdir()
    Image.new("RGB", (8, 8)).save(folder / "ILSVRC2012_test_00000001.JPEG")
    (record,) = ilsvrc.load(tree_folder).test()
    assert (record.wnid, record.label, record.boxes()) == (None, None, ())


@pytest.mark.parametrize(
    ("mode", "kind", "fill"), [("CMYK", "JPEG", 0), ("I;16", "PNG", 65535), ("L", "JPEG", 255)]
)
def test_odd_images_are_read_as_rgb(tmp_path, mode, kind, fill):
    Image.new(mode, (16, 16), fill if mode != "CMYK" else (0, 0, 0, 0)).save(tmp_path / "odd.JPEG", kind)
    image = ilsvrc.Record(tmp_path / "odd.JPEG", "train", None, None).image
    assert image.mode == "RGB"
    assert image.getpixel((4, 4)) == (255, 255, 255)


def test_no_folder(tmp_path):
    with pytest.raises(CourseError, match="No folder"):
        ilsvrc.load(tmp_path / "nowhere")


def test_a_folder_without_imagenet(tmp_path):
    with pytest.raises(CourseError, match="neither ILSVRC/Data/CLS-LOC nor train/ or val/"):
        ilsvrc.load(tmp_path)


def test_write_micro_keeps_a_tree_that_is_there(whole):
    before = {path: path.stat().st_mtime_ns for path in whole.rglob("*")}
    ilsvrc.write_micro(whole)
    assert {path: path.stat().st_mtime_ns for path in whole.rglob("*")} == before


def test_write_micro_overwrites_nothing(tmp_path):
    (tmp_path / "thesis.txt").write_text("all of it")
    with pytest.raises(CourseError, match="nothing is overwritten"):
        ilsvrc.write_micro(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_write_micro_leaves_nothing_when_it_fails(tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(OSError, match="no space left"):
        ilsvrc.write_micro(tmp_path / "micro")
    assert list(tmp_path.iterdir()) == []


def test_write_micro_accepts_an_empty_folder(tmp_path):
    assert len(ilsvrc.load(ilsvrc.write_micro(tmp_path)).val()) == 20
