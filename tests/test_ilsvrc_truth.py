"""Where labels and boxes stand: the table, the development kit, the XML files; and what is refused in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synscenes import ilsvrc, imagenet
from synscenes.errors import CourseError
from synscenes.ilsvrc import truth

OFFICIAL = """<annotation>
	<folder>val</folder>
	<filename>ILSVRC2012_val_00000001</filename>
	<source>
		<database>ILSVRC_2012</database>
	</source>
	<size>
		<width>500</width>
		<height>375</height>
		<depth>3</depth>
	</size>
	<segmented>0</segmented>
	<object>
		<name>n01751748</name>
		<pose>Unspecified</pose>
		<truncated>0</truncated>
		<difficult>0</difficult>
		<bndbox>
			<xmin>111</xmin>
			<ymin>108</ymin>
			<xmax>441</xmax>
			<ymax>193</ymax>
		</bndbox>
	</object>
</annotation>
"""


def write(folder: Path, text: str | bytes, name: str = "a.xml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_an_official_annotation(tmp_path):
    annotation = ilsvrc.read_annotation(write(tmp_path, OFFICIAL))
    assert annotation.filename == "ILSVRC2012_val_00000001"
    assert (annotation.width, annotation.height) == (500, 375)
    assert annotation.boxes == (ilsvrc.Box("n01751748", (111, 108, 441, 193)),)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<xmin>111", "<xmin>left", "<bndbox><xmin> is 'left', not a number"),
        ("<xmin>111", "<xmin>nan", "not a number"),
        ("<xmin>111", "<xmin>499", "inside out"),
        ("<name>n01751748</name>", "", "object 1: the field <name> is missing"),
        ("<width>500</width>", "", "the field <size><width> is missing"),
        ("</annotation>", "", "not well-formed XML"),
        ("<annotation>", "<!DOCTYPE annotation><annotation>", "Refused"),
        ("<annotation>", '<!ENTITY x "y"><annotation>', "Refused"),
    ],
)
def test_a_faulty_annotation_is_named(tmp_path, old, new, said):
    path = write(tmp_path, OFFICIAL.replace(old, new))
    with pytest.raises(CourseError) as error:
        ilsvrc.read_annotation(path)
    assert said in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_another_document(tmp_path):
    with pytest.raises(CourseError, match="outermost element is <html>"):
        ilsvrc.read_annotation(write(tmp_path, "<html></html>"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_entities_cannot_hide_in_another_encoding(tmp_path, encoding):
    text = '<?xml version="1.0"?><!DOCTYPE annotation [<!ENTITY a "b">]>' + OFFICIAL
    with pytest.raises(CourseError):
        ilsvrc.read_annotation(write(tmp_path, text.encode(encoding)))


def test_a_declared_encoding_does_not_change_what_is_parsed(tmp_path):
    # Read as UTF-7, "+ADw-!DOCTYPE" would be "<!DOCTYPE".
    text = '<?xml version="1.0" encoding="utf-7"?>' + OFFICIAL.replace("Unspecified", "+ADw-x+AD4-")
    assert len(ilsvrc.read_annotation(write(tmp_path, text)).boxes) == 1


def test_an_annotation_too_large_to_be_one(tmp_path):
    with pytest.raises(CourseError, match="larger than"):
        ilsvrc.read_annotation(write(tmp_path, OFFICIAL + " " * 1_000_000))


def test_the_table_with_several_objects(tmp_path):
    path = write(
        tmp_path, "ImageId,PredictionString\nA,n03995372 85 1 499 272 n03995372 1 2 3 4 \n", "LOC.csv"
    )
    found = truth.from_csv(path)
    assert found.wnids == {"A": "n03995372"}
    assert [box.xyxy for box in found.boxes["A"]] == [(85, 1, 499, 272), (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1"),
        ("ImageId,Label\nA,n03995372\n", "line 1: expected ImageId,PredictionString"),
        ("ImageId,PredictionString\nA,n03995372 85 1 499\n", "line 2"),
        ("ImageId,PredictionString\nA\n", "line 2"),
        ("ImageId,PredictionString\nA,n03995372 85 1 x 272\n", "line 2: a corner of a box is not a number"),
        ("ImageId,PredictionString\nA,n02084071 85 1 499 272\n", "'n02084071' is not one of"),
    ],
)
def test_a_faulty_table_names_its_line(tmp_path, text, said):
    with pytest.raises(CourseError) as error:
        truth.from_csv(write(tmp_path, text, "LOC.csv"))
    assert said in str(error.value)


@pytest.fixture
def devkit(tmp_path) -> Path:
    """torchvision's layout with a development kit whose ids run backwards, and two images."""
    from scipy.io import savemat

    folder = tmp_path / "ILSVRC2012_devkit_t12" / "data"
    folder.mkdir(parents=True)
    leaves = [entry.wnid for entry in imagenet.classes()][::-1]
    kind = [
        ("ILSVRC2012_ID", "f8"),
        ("WNID", object),
        ("words", object),
        ("gloss", object),
        ("num_children", "f8"),
    ]
    rows = [(place, wnid, "words", "gloss", 0) for place, wnid in enumerate(leaves, start=1)]
    rows.append((1001, "n00001740", "entity", "gloss", 3))
    fields = ["children", "wordnet_height", "num_train_images"]
    synsets = np.array([(*row, 0, 0, 0) for row in rows], dtype=[*kind, *[(name, "f8") for name in fields]])
    savemat(folder / "meta.mat", {"synsets": synsets})
    (folder / truth.GROUND_TRUTH).write_text("1\n1000\n")
    (tmp_path / "val").mkdir()
    for number in (1, 2):
        Image.new("RGB", (8, 8)).save(tmp_path / "val" / f"ILSVRC2012_val_{number:08d}.JPEG")
    return tmp_path


def test_the_development_kit_has_a_numbering_of_its_own(devkit):
    assert [record.label for record in ilsvrc.load(devkit).val()] == [999, 0]


def test_the_development_kit_is_read_as_torchvision_reads_it(devkit, monkeypatch):
    import tarfile

    import torch
    from torchvision.datasets import imagenet as reference

    with tarfile.open(devkit / "kit.tar.gz", "w:gz") as archive:
        archive.add(devkit / "ILSVRC2012_devkit_t12", "ILSVRC2012_devkit_t12")
    monkeypatch.setattr(reference, "_verify_archive", lambda *arguments: None)
    reference.parse_devkit_archive(devkit, "kit.tar.gz")
    _, expected = torch.load(devkit / reference.META_FILE, weights_only=True)
    found = truth.from_devkit(devkit / "ILSVRC2012_devkit_t12" / "data")
    assert list(found.wnids.values()) == expected


def test_a_development_kit_without_meta(devkit):
    (devkit / "ILSVRC2012_devkit_t12/data/meta.mat").unlink()
    with pytest.raises(CourseError, match="mean nothing"):
        ilsvrc.load(devkit).val()


def test_an_id_that_no_class_has(devkit):
    (devkit / "ILSVRC2012_devkit_t12/data" / truth.GROUND_TRUTH).write_text("1\n1001\n")
    with pytest.raises(CourseError, match="line 2: '1001'"):
        ilsvrc.load(devkit).val()


def test_a_ground_truth_that_is_too_short(devkit):
    (devkit / "ILSVRC2012_devkit_t12/data" / truth.GROUND_TRUTH).write_text("1\n")
    with pytest.raises(CourseError, match=r"val_00000002\.JPEG has no ground truth"):
        ilsvrc.load(devkit).val()


def test_val_sorted_into_folders_needs_no_table(tmp_path):
    for wnid in ("n01443537", "n01440764"):
        (tmp_path / "val" / wnid).mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(tmp_path / "val" / wnid / f"ILSVRC2012_val_{wnid[-8:]}.JPEG")
    assert [record.label for record in ilsvrc.load(tmp_path).val()] == [0, 1]
