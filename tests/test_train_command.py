"""``python -m synscenes.train``: folders of images, one-line errors, and the files it leaves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from synscenes.errors import CourseError
from synscenes.train import checkpoint, networks, study, tasks
from synscenes.train.__main__ import main, parser
from synscenes.train.data import Folder, Pictures, normaliser, portion
from synscenes.train.feeding import usable_workers
from synscenes.train.finder import find_rate
from synscenes.train.recipe import Recipe


@pytest.fixture
def folder(tmp_path):
    """Two classes of coloured noise, in ImageFolder's layout."""
    rng = np.random.default_rng(0)
    for place, name in enumerate(["blue", "red"]):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(10):
            pixels = rng.integers(0, 100, (40, 56, 3), dtype=np.uint8)
            pixels[..., 2 - 2 * place] += 120
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{number}.jpg")
    return tmp_path / "photos"


def run(*arguments):
    return main([*map(str, arguments), "--quiet", "--device", "cpu"])


BASE = ("--model", "resnet18", "--scratch", "--side", 32, "--batch-size", 8, "--epochs", 1)


def test_a_folder_is_trained_on_and_leaves_three_files(folder, tmp_path, capsys):
    assert run("--data", folder, *BASE, "--out", tmp_path / "run") == 0
    assert "16 training and 4 validation images of 2 classes; resnet18 on 1 x cpu" in capsys.readouterr().out
    meta = checkpoint.read(tmp_path / "run" / "last.pt")["meta"]
    assert (meta["model"], meta["classes"], meta["side"]) == ("resnet18", ["blue", "red"], 32)
    assert {path.name for path in (tmp_path / "run").iterdir()} == {"last.pt", "best.pt", "log.csv"}


def test_best_weights_start_another_run_with_other_classes(folder, tmp_path):
    assert run("--data", folder, *BASE, "--out", tmp_path / "run") == 0
    best = tmp_path / "run" / "best.pt"
    module, _, _ = networks.build("resnet18", 5, weights=best)
    kept = checkpoint.read_weights(best)
    assert torch.equal(module.conv1.weight, kept["conv1.weight"]) and module.fc.weight.shape == (5, 512)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--data", "nowhere"), "No folder at nowhere"),
        (("--data", ".", "--epochs", "0"), "epochs must be above 0"),
        (("--data", ".", "--side", "8"), "--side must be at least 32"),
        (("--data", ".", "--resume"), "need --out"),
        (("--data", ".", "--scratch", "--weights", "x.pt"), "contradict"),
        (("--data", ".", "--weights", "x.pt"), "No file at x.pt"),
        (("--data", "."), "holds 0 class folders"),
        (("--data", "branch_photos", "--model", "mobilenet_v22"), "did you mean"),
        (("--data", "branch_photos", "--model", "vit_tiny_patch16_224"), "timm would have to download"),
        (("--data", "branch_photos", "--validation", "."), "brings its own"),
    ],
)
def test_bad_arguments_give_one_line(arguments, says, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(*arguments) == 1
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1


def test_an_unknown_option_is_misuse(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--data", "x", "--epochen", "3"])
    assert caught.value.code == 2


def test_a_run_is_not_overwritten_by_accident(folder, tmp_path, capsys):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "last.pt").write_bytes(b"precious")
    assert run("--data", folder, *BASE, "--out", tmp_path / "run") == 1
    assert "already holds a run: --resume goes on with it" in capsys.readouterr().err


def test_every_setting_has_an_option():
    assert {action.dest for action in parser()._actions} >= set(Recipe().as_dict())


def test_a_broken_image_is_named(folder, capsys):
    (folder / "red" / "3.jpg").write_bytes(b"no image")
    assert run("--data", folder, *BASE) == 1
    assert "3.jpg" in capsys.readouterr().err


def test_a_folder_without_images_is_named(folder):
    (folder / "green").mkdir()
    with pytest.raises(CourseError, match=r"green holds no image"):
        Folder(folder)


def test_a_validation_class_that_training_lacks_is_named(folder):
    with pytest.raises(CourseError, match="has a class 'red'"):
        Folder(folder, classes=["blue", "green"])


def test_a_validation_folder_without_classes_is_named(folder, tmp_path):
    (tmp_path / "flat").mkdir()
    Image.new("RGB", (40, 40)).save(tmp_path / "flat" / "a.jpg")
    with pytest.raises(CourseError, match="no image in a class's folder"):
        Folder(tmp_path / "flat", 32, classes=Folder(folder, 32).classes)


def test_validation_images_inside_the_training_folder_are_refused(folder, capsys):
    (folder / "val").mkdir()
    assert run("--data", str(folder), "--validation", str(folder / "val")) != 0
    assert "lies inside --data" in capsys.readouterr().err


def test_a_side_that_the_network_cannot_take_is_one_line(folder, capsys):
    assert run("--data", str(folder), "--model", "vit_tiny_patch16_224", "--scratch", "--side", "64") != 0
    assert "can't take --side 64" in capsys.readouterr().err


def test_an_image_depends_on_its_seed_alone(folder):
    data = Folder(folder, 32)
    one, again, other = data[(3, 5)][0], data[(3, 5)][0], data[(3, 6)][0]
    assert torch.equal(one, again) and not torch.equal(one, other)
    assert one.dtype == torch.uint8 and one.shape == (3, 32, 32)


def test_the_middle_is_what_the_course_shows_elsewhere(folder):
    from synscenes.preprocessing import centre_crop, resize_short_side

    data = Folder(folder, 32)
    image = Image.open(data.paths[0])
    expected = np.asarray(centre_crop(resize_short_side(image, 37), 32)).transpose(2, 0, 1)
    assert np.array_equal(data[0][0].numpy(), expected)


def test_a_portion_takes_some_of_every_class(folder):
    train, kept = portion(Folder(folder, 32), 0.2, 0)
    assert (len(train), np.bincount(kept.labels).tolist()) == (16, [2, 2])
    assert not set(train.rows) & set(kept.rows)


def test_normalisation_on_the_device_is_the_usual_one():
    images = torch.randint(0, 256, (2, 3, 5, 5), dtype=torch.uint8)
    ours = normaliser((0.485, 0.456, 0.406), (0.229, 0.224, 0.225), "cpu")(images)
    from torchvision.transforms.v2.functional import normalize

    torch.testing.assert_close(ours, normalize(images / 255, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))


def test_small_pictures_are_shifted_and_mirrored_not_changed():
    pixels = np.arange(2 * 6 * 6 * 3, dtype=np.uint8).reshape(2, 6, 6, 3)
    data = Pictures(pixels, [0, 1], "ab", shift=1, mirror=True)
    seen = {data[(0, seed)][0].numpy().tobytes() for seed in range(200)}
    assert len(seen) == 18 and pixels[0].transpose(2, 0, 1).tobytes() in seen


def test_notebooks_without_fork_load_without_workers(monkeypatch):
    import sys

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    with pytest.warns(UserWarning, match="can't start from a notebook"):
        assert usable_workers(4) == 0


def test_the_rate_finder_leaves_the_network_alone():
    torch.manual_seed(0)
    module = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(4, 2)
    )
    before = {name: value.clone() for name, value in module.state_dict().items()}
    rng = np.random.default_rng(0)
    labels = np.arange(64) % 2
    pixels = (rng.integers(0, 60, (64, 8, 8, 3)) + 120 * labels[:, None, None, None]).astype(np.uint8)
    found = find_rate(module, Pictures(pixels, labels, "ab"), Recipe(batch_size=16), steps=60)
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert 1e-4 < found.suggestion < 1 and len(found.rates) == len(found.losses) == len(found.smooth)
    assert np.allclose(np.diff(np.log(found.rates)), np.log(1e6) / 59)


def test_the_curve_ends_where_the_loss_is_no_number(monkeypatch):
    """A GPU is asked only every ten steps, so the finder looks for itself."""
    losses = iter([3.0, 2.0, 1.0, float("nan"), 0.5])

    def update(run, *_):
        run.optimiser.step()
        run.schedule.step()
        return torch.tensor(next(losses)), 0

    monkeypatch.setattr("synscenes.train.step.update", update)
    data = Pictures(np.zeros((8, 12, 12, 3), np.uint8), np.arange(8) % 2, ["a", "b"])
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(432, 2))
    curve = find_rate(module, data, Recipe(batch_size=4), steps=10)
    assert curve.losses.tolist() == [3.0, 2.0, 1.0]


def test_the_traffic_lights_are_what_their_packager_says():
    lights = tasks.traffic_lights(32)
    assert np.bincount(lights.labels).tolist() == [904, 44, 536] and lights.given_test.sum() == 297


def test_the_course_splits_share_no_near_duplicate():
    lights = tasks.traffic_lights(32)
    for seed in range(3):
        train, test = study.lights(32).split(seed)
        assert not set(lights.groups[train]) & set(lights.groups[test])
        assert np.bincount(lights.labels[test]).min() >= 10


def test_few_takes_as_many_of_each_class_as_can_be():
    labels = np.array([0] * 50 + [1] * 3 + [2] * 20)
    rows = study.few(labels, np.arange(73), 13, np.random.default_rng(0))
    assert len(set(rows)) == 13 and np.bincount(labels[rows]).tolist() == [5, 3, 5]


def test_few_as_it_comes_still_has_two_of_each():
    labels = np.array([0] * 500 + [1] * 3 + [2] * 20)
    rows = study.few(labels, np.arange(523), 12, np.random.default_rng(0), even=False)
    assert len(set(rows)) == 12 and np.bincount(labels[rows]).min() == 2


def test_refreshed_norms_are_the_statistics_of_the_batches():
    module = torch.nn.Sequential(torch.nn.BatchNorm2d(3))
    batches = [(torch.rand(8, 3, 4, 4), None) for _ in range(3)]
    networks.refresh_norms(module, batches, lambda images: images)
    torch.testing.assert_close(module[0].running_mean, torch.cat([x for x, _ in batches]).mean((0, 2, 3)))
