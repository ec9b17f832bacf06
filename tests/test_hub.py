"""Weights from PyTorch's hub, from a server on this machine that stands in for it: every family, and every mishap."""

from __future__ import annotations

import hashlib
import http.server
import io
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import models as zoo

from synscenes import models
from synscenes.errors import CourseError
from synscenes.keypoints import rcnn
from synscenes.models import classifiers, detectors, hub
from synscenes.models.checkpoints import NotAtHand
from synscenes.segmenting import maskrcnn

CLASSIFIERS = ["alexnet", "vgg11", "googlenet", "resnet18", "efficientnet_b0", "vit_b_16", "maxvit_t"]
DETECTORS = ["fasterrcnn_mobilenet_v3_large_320_fpn", "ssdlite320_mobilenet_v3_large", "ssd300_vgg16"]
SMALLEST = "squeezenet1_1"


class Hub:
    """Files by name, each with what goes wrong when it's asked for: "", "cut", "stall", or a status such as "404"."""

    def __init__(self, host: str) -> None:
        self.host, self.files, self.faults, self.asked = host, {}, {}, []

    def put(self, entry, content: bytes, monkeypatch, name: str | None = None) -> str:
        """Serve a file in place of an entry's, under torchvision's name with the sha256 that the content has."""
        stem = Path(entry.url).name.rpartition("-")[0]
        name = name or f"{stem}-{hashlib.sha256(content).hexdigest()[:8]}.pth"
        self.files[name] = content
        # A member of an enum shares its Weights object with everybody: the address is set back after the test.
        monkeypatch.setattr(entry, "_value_", _moved(entry.value, f"http://{self.host}/models/{name}"))
        return name


def _moved(weights, url):
    from dataclasses import replace

    return replace(weights, url=url)


@pytest.fixture(scope="module")
def server():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = Path(self.path).name
            hub_served.asked.append(name)
            fault, content = hub_served.faults.get(name, ""), hub_served.files.get(name)
            if fault.isdigit() or content is None:
                return self.send_error(int(fault or 404))
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if fault == "stall":
                released.wait(30)
            self.wfile.write(content[: len(content) // 2] if fault else content)

        def log_message(self, *args):
            pass

    released = threading.Event()
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub_served = Hub(f"127.0.0.1:{running.server_address[1]}")
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield hub_served
    released.set()
    running.shutdown()
    running.server_close()


@pytest.fixture
def served(server, tmp_path, monkeypatch):
    """The server without faults, an empty cache, and nobody known to be silent."""
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    monkeypatch.setattr(hub, "_silent", {})
    server.files.clear()
    server.faults.clear()
    server.asked.clear()
    return server


@pytest.fixture(autouse=True)
def no_random_start(monkeypatch):
    """Networks here get their numbers from a file; drawing 138 million others first would only take time."""
    for name in ("kaiming_normal_", "kaiming_uniform_", "normal_", "trunc_normal_", "uniform_", "xavier_uniform_"):
        monkeypatch.setattr(torch.nn.init, name, lambda tensor, *args, **options: tensor)


@pytest.fixture
def cache(served, tmp_path):
    return tmp_path / "hub" / "checkpoints"


def entry_of(name):
    kind = detectors if name in detectors.names() else classifiers
    return kind.entries_wanted(name, "auto")[0]


def random_state(module, seed=0):
    """A state dict with another number in each tensor. Each is stored once, so that 500 MB of VGG take a few kB."""
    generator = torch.Generator().manual_seed(seed)
    return {
        name: torch.rand((), generator=generator).to(values.dtype).expand(values.shape)
        for name, values in module.state_dict().items()
    }


def as_file(state) -> bytes:
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


def skeleton(name, entry):
    """The network as torchvision builds it for these weights, without numbers."""
    options = classifiers._builder_options(name, entry)
    if name in detectors.names():
        options = {"weights_backbone": None, "num_classes": len(entry.meta["categories"])}
    with torch.device("meta"):
        return zoo.get_model(name, weights=None, **options)


def serve_random(served, name, monkeypatch):
    entry = entry_of(name)
    state = random_state(skeleton(name, entry))
    return served.put(entry, as_file(state), monkeypatch), state


@pytest.mark.parametrize("name", [*CLASSIFIERS, *DETECTORS, "maskrcnn_resnet50_fpn", "keypointrcnn_resnet50_fpn"])
def test_every_family_comes_whole_from_the_hub(served, cache, monkeypatch, capsys, name):
    file, state = serve_random(served, name, monkeypatch)
    model = models.at_hand(name, hub_mb=600)
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and said.startswith(f"{name}: weights from torch hub ({file}, sha256 begins")
    assert "just fetched from 127.0.0.1" in model.source and "checked" in model.source and not model.module.training
    got = model.module.state_dict()
    assert all(torch.equal(got[key], state[key]) for key in got)
    missing = {key.partition(".")[0] for key in state if key not in got}
    assert missing == ({"aux1", "aux2"} if name == "googlenet" else set())
    assert [each.name for each in cache.iterdir()] == [file]
    assert answers(model)


def answers(model) -> bool:
    """Whether the model answers in the right form about a small picture (nothing true: its weights are random)."""
    image = Image.new("RGB", (64, 48), "teal")
    if isinstance(model, models.Classifier):
        return model.predict([image]).shape == (1, 1000)
    if hasattr(model.module.transform, "min_size"):
        model.module.transform.min_size = (64,)
    if model.name == maskrcnn.NAME:
        return maskrcnn.instances(model, image).masks.shape[1:] == (48, 64)
    if model.name.startswith("keypoint"):
        return rcnn.find(model, image)[0].shape[1:] == (17, 3)
    return all(0 < item.category_id <= 90 for item in model.detect(image, 0.0))


@pytest.mark.parametrize("name", ["alexnet", "maskrcnn_resnet50_fpn"])
def test_a_file_in_the_cache_is_used_without_asking_anybody(served, cache, monkeypatch, name):
    file, _state = serve_random(served, name, monkeypatch)
    cache.mkdir(parents=True)
    (cache / file).write_bytes(served.files[file])
    model = models.at_hand(name)  # no download allowed
    assert model.source.startswith(f"torch hub's cache ({file}, sha256 begins {file[-12:-4]}: checked)")
    assert served.asked == []


def test_an_asset_needs_neither_cache_nor_hub(served):
    assert models.at_hand("mobilenet_v2").source.startswith("course asset")
    assert models.at_hand("yolov4_tiny").source.startswith("course asset")
    assert served.asked == []


def test_keypoint_rcnn_takes_its_newer_weights():
    assert entry_of("keypointrcnn_resnet50_fpn").name == "COCO_V1"


def test_densenets_old_names_are_renamed(served, cache, monkeypatch):
    entry = entry_of("densenet121")
    state = random_state(skeleton("densenet121", entry))
    old = {
        key.replace("norm1", "norm.1").replace("conv2", "conv.2") if "denselayer" in key else key: values
        for key, values in state.items()
    }
    assert old.keys() != state.keys()
    served.put(entry, as_file(old), monkeypatch)
    got = models.load("densenet121", allow_download=True).module.state_dict()
    assert all(torch.equal(got[key], state[key]) for key in got)


def test_real_numbers_give_torchvisions_answers(served, cache, monkeypatch):
    torch.manual_seed(1)
    theirs = zoo.squeezenet1_1().eval()
    for values in theirs.parameters():
        values.data = torch.randn_like(values) / 20
    served.put(entry_of(SMALLEST), as_file(theirs.state_dict()), monkeypatch)
    model = models.load(SMALLEST, allow_download=True)
    assert model.weights == "IMAGENET1K_V1" and models.load("mobilenet_v2").weights == "IMAGENET1K_V1"
    assert models.load("efficientnet_lite0").weights == ""
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8))
    with torch.inference_mode():
        wanted = theirs(entry_of(SMALLEST).transforms()(image)[None]).numpy()
    assert np.ptp(wanted) > 1e-3
    np.testing.assert_allclose(model.predict([image]), wanted, rtol=1e-5, atol=1e-6)


# What is missing is said in one line, and nothing half-done stays behind.


def one_line(capsys, cache) -> str:
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert not cache.exists() or [each.name for each in cache.iterdir() if each.name.startswith(".")] == []
    return said


def test_too_large_for_the_lessons_limit(served, cache, capsys):
    assert models.at_hand("vgg16", hub_mb=100) is None
    assert one_line(capsys, cache) == (
        "vgg16: not on this machine. HUB_MB = 528 would let it be fetched from download.pytorch.org.\n"
    )


def test_a_hub_out_of_reach_is_asked_once(served, cache, monkeypatch, capsys):
    calls = []

    def nobody(request, timeout):
        calls.append(timeout)
        raise hub.urllib.error.URLError("Name or service not known")

    monkeypatch.setattr(hub.urllib.request, "urlopen", nobody)
    assert models.at_hand(SMALLEST, hub_mb=600) is None
    assert "squeezenet1_1 is left out. Could not fetch" in (said := one_line(capsys, cache)) and "online?" in said
    assert models.at_hand("alexnet", hub_mb=600) is None
    assert "could not be reached a moment ago (Name or service not known)" in one_line(capsys, cache)
    assert calls == [hub.PATIENCE]


def test_a_wall_that_swallows_everything_is_waited_for_once(served, cache, monkeypatch, capsys):
    released = threading.Event()

    def swallowed(request, timeout):
        assert released.wait(60)  # a dozen addresses, each with a timeout of its own
        raise TimeoutError

    monkeypatch.setattr(hub.urllib.request, "urlopen", swallowed)
    monkeypatch.setattr(hub, "PATIENCE", 0.2)
    assert models.at_hand(SMALLEST, hub_mb=600) is None
    released.set()
    assert "no answer in 0.2 s" in one_line(capsys, cache)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("404", "the host answered 404 Not Found"),
        ("503", "answered 503"),
        ("cut", r"ended after .* of .* bytes: nothing kept"),
    ],
)
def test_faults_of_the_host(served, cache, monkeypatch, capsys, fault, words):
    content = as_file(random_state(skeleton(SMALLEST, entry_of(SMALLEST))))
    name = served.put(entry_of(SMALLEST), content, monkeypatch)
    served.faults[name] = fault
    with pytest.raises(NotAtHand, match=words) as error:
        models.load(SMALLEST, allow_download=True)
    assert "\n" not in str(error.value)
    assert models.at_hand(SMALLEST, hub_mb=600) is None
    assert name in one_line(capsys, cache) and not (cache / name).exists()
    served.faults.clear()
    assert models.at_hand(SMALLEST, hub_mb=600) is not None  # the same call works once the host does


def test_a_host_that_stops_sending(served, cache, monkeypatch, capsys):
    name = served.put(entry_of(SMALLEST), b"x" * 1000, monkeypatch)
    served.faults[name] = "stall"
    monkeypatch.setattr(hub, "PATIENCE", 0.3)
    assert models.at_hand(SMALLEST, hub_mb=600) is None
    assert "broke off (timed out): nothing kept" in one_line(capsys, cache)


def test_another_file_than_the_name_says(served, cache, monkeypatch, capsys):
    content = as_file(random_state(skeleton(SMALLEST, entry_of(SMALLEST))))
    name = served.put(entry_of(SMALLEST), content, monkeypatch, "squeezenet1_1-0123abcd.pth")
    assert models.at_hand(SMALLEST, hub_mb=600) is None
    assert "not 0123abcd): nothing kept" in one_line(capsys, cache) and not (cache / name).exists()


def test_a_damaged_file_in_the_cache(served, cache, monkeypatch, capsys):
    name, _ = serve_random(served, SMALLEST, monkeypatch)
    cache.mkdir(parents=True)
    (cache / name).write_bytes(served.files[name][:-100])
    assert models.at_hand(SMALLEST, hub_mb=600) is None
    assert "is damaged (sha256 should begin" in one_line(capsys, cache)


@pytest.mark.parametrize("name", [SMALLEST, "ssdlite320_mobilenet_v3_large"])
def test_the_weights_of_another_network(served, cache, monkeypatch, capsys, name):
    served.put(entry_of(name), as_file({"weight": torch.zeros(3)}), monkeypatch)
    assert models.at_hand(name, hub_mb=600) is None
    assert f"isn't a checkpoint of {name}: " in one_line(capsys, cache)


class Harmful:
    def __reduce__(self):
        return print, ("this must not run",)


def test_a_file_that_would_run_code(served, cache, monkeypatch, capsys):
    served.put(entry_of(SMALLEST), pickle.dumps(Harmful()), monkeypatch)
    assert models.at_hand(SMALLEST, hub_mb=600) is None
    assert "can't be read as weights" in (said := one_line(capsys, cache)) and "must not run" not in said


def test_a_disk_without_room(served, cache, monkeypatch, capsys):
    serve_random(served, SMALLEST, monkeypatch)
    monkeypatch.setattr(hub.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10}))
    assert models.at_hand(SMALLEST, hub_mb=600) is None
    assert "make room in" in one_line(capsys, cache)


def test_a_cache_that_cannot_be_written(served, cache, monkeypatch, capsys):
    serve_random(served, SMALLEST, monkeypatch)
    cache.parent.write_text("a file where the folder should be")
    with pytest.raises(NotAtHand, match="Could not store") as error:
        models.load(SMALLEST, allow_download=True)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("name", "weights"), [("vgg_16", "auto"), ("vgg16", "IMAGENET22K"), ("ssd300_vgg16", "V9")])
def test_a_wrong_name_is_no_missing_file(served, name, weights):
    with pytest.raises(CourseError, match=r"did you mean vgg16|torchvision offers"):
        models.at_hand(name, weights)
