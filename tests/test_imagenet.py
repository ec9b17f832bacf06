"""The class list, the labelled photographs, and opening image files of every kind."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from synscenes import imagenet
from synscenes.errors import CourseError
from synscenes.pictures import open_image


def test_there_are_1000_classes_in_order():
    classes = imagenet.classes()
    assert [entry.index for entry in classes] == list(range(1000))
    assert len({entry.wnid for entry in classes}) == 1000


def test_names_are_unique():
    assert len({entry.name for entry in imagenet.classes()}) == 1000


def test_names_equal_torchvisions():
    from torchvision.models import MobileNet_V2_Weights

    assert [entry.name for entry in imagenet.classes()] == MobileNet_V2_Weights.IMAGENET1K_V1.meta["categories"]


@pytest.mark.parametrize(
    ("index", "wnid", "name"),
    [(0, "n01440764", "tench"), (207, "n02099601", "golden retriever"), (999, "n15075141", "toilet tissue")],
)
def test_known_classes(index, wnid, name):
    entry = imagenet.classes()[index]
    assert (entry.wnid, entry.name) == (wnid, name)


def test_find_by_wnid():
    assert imagenet.find("n02099601").index == 207


def test_find_refuses_a_synset_outside_the_thousand():
    with pytest.raises(KeyError, match="n02084071"):
        imagenet.find("n02084071")


def test_classes_do_not_import_torch():
    code = "import sys; from synscenes import imagenet; imagenet.classes(); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


def test_seventy_photographs_from_two_sources():
    sources = [photo.source for photo in imagenet.photos()]
    assert (sources.count("photos_foolbox"), sources.count("photos_rvb"), len(sources)) == (20, 50, 70)


def test_one_source_alone():
    assert {photo.source for photo in imagenet.photos("photos_rvb")} == {"photos_rvb"}


def test_unknown_source_names_the_known_ones():
    with pytest.raises(CourseError, match="photos_foolbox"):
        imagenet.photos("imagenette")


def test_labels_come_from_the_file_names():
    photo = imagenet.photos("photos_foolbox")[0]
    assert (photo.path.name, photo.label, photo.name) == ("imagenet_00_243.jpg", 243, "bull mastiff")


def test_every_photograph_opens_as_rgb():
    assert {photo.image.mode for photo in imagenet.photos()} == {"RGB"}


def test_sizes_are_as_the_lesson_says():
    sizes = [photo.image.size for photo in imagenet.photos()]
    assert (sizes.count((512, 512)), sizes.count((400, 400)), sizes.count((1024, 683))) == (19, 50, 1)


def test_nothing_is_decoded_before_it_is_asked_for():
    assert "image" not in vars(imagenet.photos()[0])


def test_an_empty_folder_says_what_to_do(tmp_path, monkeypatch):
    from synscenes import assets

    monkeypatch.setattr(assets, "path", lambda name: tmp_path)
    with pytest.raises(CourseError, match="assets verify"):
        imagenet.photos()


# Opening files


def saved(tmp_path, image, name, **options):
    path = tmp_path / name
    image.save(path, **options)
    return path


def test_exif_orientation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # "rotate by 90 degrees to see it upright"
    path = saved(tmp_path, Image.new("RGB", (40, 20)), "phone.jpg", exif=exif)
    assert open_image(path).size == (20, 40)


def test_cmyk_becomes_rgb(tmp_path):
    path = saved(tmp_path, Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "print.jpg", quality=95)
    red, green, blue = open_image(path).getpixel((4, 4))
    assert red > 200 and green < 60 and blue < 60


def test_16_bit_is_scaled_not_clipped(tmp_path):
    grey = Image.fromarray(np.full((4, 4), 32896, dtype=np.uint16))
    assert open_image(saved(tmp_path, grey, "deep.png")).getpixel((0, 0)) == (128, 128, 128)


def test_float_grey_between_0_and_1_is_scaled(tmp_path):
    grey = Image.fromarray(np.full((4, 4), 0.5, dtype=np.float32))
    assert open_image(saved(tmp_path, grey, "float.tiff")).getpixel((0, 0)) == (128, 128, 128)


def test_transparency_is_laid_over_white(tmp_path):
    path = saved(tmp_path, Image.new("RGBA", (4, 4), (255, 0, 0, 0)), "glass.png")
    assert open_image(path).getpixel((0, 0)) == (255, 255, 255)


def test_transparent_palette_is_laid_over_white(tmp_path):
    image = Image.new("P", (4, 4), 0)
    image.putpalette([255, 0, 0] * 256)
    path = saved(tmp_path, image, "palette.png", transparency=0)
    assert open_image(path).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_mode_becomes_rgb(tmp_path, mode):
    path = saved(tmp_path, Image.new(mode, (5, 3)), "any.tiff")
    assert (open_image(path).mode, open_image(path).size) == ("RGB", (5, 3))


def truncated(tmp_path, suffix):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    path = saved(tmp_path, noise, f"whole{suffix}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tiff", ".bmp", ".webp"])
def test_truncated_file_is_named(tmp_path, suffix):
    with pytest.raises(CourseError, match=f"whole\\{suffix}"):
        open_image(truncated(tmp_path, suffix))


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<html>404</html>", b"\xff\xd8\xff"])
def test_not_an_image(tmp_path, content):
    path = tmp_path / "broken.jpg"
    path.write_bytes(content)
    with pytest.raises(CourseError, match=r"broken\.jpg"):
        open_image(path)


def test_missing_file(tmp_path):
    with pytest.raises(CourseError, match=r"No image at .*gone\.png"):
        open_image(tmp_path / "gone.png")


def test_folder(tmp_path):
    with pytest.raises(CourseError, match="is a folder"):
        open_image(tmp_path)


def test_decompression_bomb(tmp_path, monkeypatch):
    path = saved(tmp_path, Image.new("RGB", (64, 64)), "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(CourseError, match="too large"):
        open_image(path)


def test_messages_are_one_line(tmp_path):
    with pytest.raises(CourseError) as error:
        open_image(truncated(tmp_path, ".jpg"))
    assert "\n" not in str(error.value)
