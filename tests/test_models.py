"""Loading classifiers, predicting with them, and what is said when that fails."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from synscenes import imagenet, models
from synscenes.errors import CourseError
from synscenes.metrics.classification import topk_hits
from synscenes.models.checkpoints import load_in_order, read_checkpoint
from synscenes.models.classifiers import _builder_options, names
from synscenes.models.model import Classifier

NAMES = ("mobilenet_v2", "efficientnet_lite0")


@pytest.fixture(scope="module", params=NAMES)
def model(request):
    return models.load(request.param)


@pytest.fixture(scope="module")
def photos():
    return imagenet.photos("photos_foolbox")


@pytest.fixture
def empty_hub(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    return tmp_path / "hub" / "checkpoints"


def test_gets_18_of_foolboxs_20(model, photos):
    logits = model.predict([photo.image for photo in photos])
    assert topk_hits(logits, [photo.label for photo in photos]).sum() == 18


def test_is_in_eval_mode(model):
    assert not any(layer.training for layer in model.module.modules())


def test_says_where_the_weights_came_from(model):
    assert "course asset" in model.source and ".pth" in model.source


def test_has_the_thousand_names(model):
    assert list(model.categories) == [entry.name for entry in imagenet.classes()]


@pytest.mark.parametrize("size", [(512, 512), (1024, 683), (300, 900), (50, 40), (1, 1)])
def test_preprocess_gives_the_same_shape_for_any_image(model, size):
    tensor = model.preprocess(Image.new("RGB", size))
    assert (tuple(tensor.shape), tensor.dtype) == ((3, 224, 224), torch.float32)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "I;16", "1"])
def test_preprocess_takes_every_mode(model, mode):
    assert tuple(model.preprocess(Image.new(mode, (300, 300))).shape) == (3, 224, 224)


def test_batches_do_not_change_the_answer(model, photos):
    images = [photo.image for photo in photos[:5]]
    np.testing.assert_allclose(model.predict(images, batch_size=2), model.predict(images), atol=1e-4)


def test_predict_takes_tensors_and_generators(model, photos):
    images = [photo.image for photo in photos[:3]]
    tensors = torch.stack([model.preprocess(image) for image in images])
    np.testing.assert_allclose(model.predict(tensors), model.predict(image for image in images), atol=1e-4)


def test_predict_nothing(model):
    assert model.predict([]).shape == (0, 1000)


def test_predict_refuses_a_single_image(model):
    with pytest.raises(ValueError, match="list of images"):
        model.predict(Image.new("RGB", (9, 9)))


def test_predict_refuses_a_single_tensor(model):
    with pytest.raises(ValueError, match="list of images"):
        model.predict(torch.zeros(3, 224, 224))


def test_predict_refuses_batch_size_zero(model):
    with pytest.raises(ValueError, match="batch_size"):
        model.predict([], batch_size=0)


def test_predict_refuses_mixed_sizes(model):
    with pytest.raises(ValueError, match="one shape"):
        model.predict([torch.zeros(3, 224, 224), torch.zeros(3, 200, 200)])


def test_top_gives_names_and_probabilities(model):
    logits = np.zeros(1000)
    logits[[7, 3]] = 50, 49
    (first, share), (second, _) = model.top(logits, 2)
    assert (first, second) == (model.categories[7], model.categories[3])
    assert share == pytest.approx(1 / (1 + np.exp(-1)))


def test_mobilenet_equals_torchvision_with_the_same_file():
    from torchvision.models import mobilenet_v2

    from synscenes import assets

    file = next(Path(assets.path("mobilenet_v2")).glob("*.pth"))
    network = mobilenet_v2().eval()
    network.load_state_dict(torch.load(file, weights_only=True))
    pixels = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(models.load("mobilenet_v2").module(pixels), network(pixels))


def test_random_parameters_when_asked_for():
    assert "random" in models.load("squeezenet1_1", weights=None).source


def test_available_names_can_be_loaded_without_hub(empty_hub):
    assert models.available() == sorted([*NAMES, "yolov4_tiny"])


@pytest.mark.parametrize(("name", "near"), [("mobilenetv2", "mobilenet_v2"), ("resnet5O", "resnet50")])
def test_unknown_name_gives_the_closest(name, near):
    with pytest.raises(CourseError, match=f"did you mean.*{near}"):
        models.load(name)


def test_unknown_name_far_from_all_lists_what_is_at_hand():
    with pytest.raises(CourseError, match=r"at hand.*mobilenet_v2"):
        models.load("zzzzzz")


@pytest.mark.parametrize("name", NAMES)
def test_unknown_weights(name):
    with pytest.raises(CourseError, match="no weights named 'IMAGENET22K'"):
        models.load(name, "IMAGENET22K")


def test_missing_weights_say_what_to_do(empty_hub):
    with pytest.raises(CourseError, match=r"resnet50.*98 MB.*allow_download=True.*mobilenet_v2") as error:
        models.load("resnet50")
    assert "\n" not in str(error.value)


def squeezenet_file(folder, content=None):
    from torchvision.models import SqueezeNet1_1_Weights, squeezenet1_1

    file = folder / Path(SqueezeNet1_1_Weights.IMAGENET1K_V1.url).name
    torch.save(squeezenet1_1().state_dict() if content is None else content, file)
    return file


def test_a_file_in_hubs_cache_is_used(empty_hub, monkeypatch):
    file = squeezenet_file(empty_hub)
    digits = file.stem.split("-")[1]
    monkeypatch.setattr("synscenes.models.hub.sha256_file", lambda path: digits + "0" * 56)
    model = models.load("squeezenet1_1")
    assert "hub's cache" in model.source and isinstance(model, Classifier)


def test_a_damaged_file_in_hubs_cache_is_refused(empty_hub):
    file = squeezenet_file(empty_hub)
    with pytest.raises(CourseError, match=f"{file.name} is damaged.*delete"):
        models.load("squeezenet1_1")


def test_a_file_of_another_network_is_refused(empty_hub, monkeypatch):
    file = squeezenet_file(empty_hub, {"weight": torch.zeros(1)})
    digits = file.stem.split("-")[1]
    monkeypatch.setattr("synscenes.models.hub.sha256_file", lambda path: digits + "0" * 56)
    with pytest.raises(CourseError, match="isn't a checkpoint of squeezenet1_1"):
        models.load("squeezenet1_1")


# Reading weight files


class Harmful:
    def __reduce__(self):
        return print, ("this must not run",)


def test_a_pickle_that_runs_code_is_refused(tmp_path, capsys):
    path = tmp_path / "evil.pth"
    path.write_bytes(pickle.dumps(Harmful()))
    with pytest.raises(CourseError, match=r"evil\.pth can't be read as weights"):
        read_checkpoint(path)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not weights at all"])
def test_a_damaged_checkpoint_is_named(tmp_path, content):
    path = tmp_path / "half.pth"
    path.write_bytes(content)
    with pytest.raises(CourseError, match=r"half\.pth"):
        read_checkpoint(path)


def test_a_missing_checkpoint(tmp_path):
    with pytest.raises(CourseError, match="No weight file"):
        read_checkpoint(tmp_path / "gone.pth")


def test_a_checkpoint_must_be_a_table_of_tensors(tmp_path):
    torch.save({"epoch": 3}, tmp_path / "other.pth")
    with pytest.raises(CourseError, match="table of tensors"):
        read_checkpoint(tmp_path / "other.pth")


def small():
    return nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))


def renamed(network):
    state = {f"their.{name}": value for name, value in network.state_dict().items() if "num_batches" not in name}
    return state


def test_tensors_are_paired_by_order(tmp_path):
    ours, theirs = small(), small()
    load_in_order(ours, renamed(theirs), tmp_path)
    assert torch.equal(ours[0].weight, theirs[0].weight)


def test_one_tensor_too_few(tmp_path):
    state = renamed(small())
    state.popitem()
    with pytest.raises(CourseError, match="holds 5 tensors, the network needs 6"):
        load_in_order(small(), state, tmp_path)


def test_a_shape_that_disagrees_changes_nothing(tmp_path):
    network, state = small(), renamed(small())
    before = network[0].weight.clone()
    state["their.1.running_var"] = torch.zeros(5)
    with pytest.raises(CourseError, match=r"their\.1\.running_var has shape \(5,\), but 1\.running_var"):
        load_in_order(network, state, tmp_path)
    assert torch.equal(network[0].weight, before)


@pytest.mark.parametrize(("name", "entry"), [("vit_b_16", "IMAGENET1K_SWAG_E2E_V1"), ("inception_v3", "DEFAULT")])
def test_builder_options_match_the_number_of_parameters(name, entry):
    from torchvision import models as torchvision_models

    weights = torchvision_models.get_model_weights(name)[entry]
    with torch.device("meta"):
        network = torchvision_models.get_model(name, weights=None, **_builder_options(name, weights))
    assert sum(values.numel() for values in network.parameters()) == weights.meta["num_params"]


def test_every_torchvision_classifier_has_a_name():
    assert {"alexnet", "maxvit_t", "vit_h_14", "efficientnet_lite0"} <= set(names())
