"""Loading ImageNet classifiers: from the course's assets, from torch hub's cache, or from the hub."""

from __future__ import annotations

import re
from pathlib import Path

from synscenes import imagenet
from synscenes.errors import CourseError
from synscenes.models import hub
from synscenes.models.checkpoints import load_in_order, read_checkpoint
from synscenes.models.model import Classifier, Preprocess

# The file that each asset delivers, by torchvision's weight entry where there is one.
_TORCHVISION_ASSETS = {("mobilenet_v2", "IMAGENET1K_V1"): "mobilenet_v2"}
# Course name -> (timm's name, asset). timm's own file is another one; these values are the asset's.
_TIMM_ASSETS = {"efficientnet_lite0": ("tf_efficientnet_lite0", "efficientnet_lite0")}


def names() -> list[str]:
    """Return every name that ``load`` knows, whether or not its weights are at hand."""
    from torchvision import models

    return sorted([*models.list_models(module=models), *_TIMM_ASSETS])


def available() -> list[str]:
    """Return the names that ``load`` can give without torch hub: assets, and what hub's cache holds."""
    from torchvision import models

    at_hand = set(_TIMM_ASSETS) | {name for name, _ in _TORCHVISION_ASSETS}
    for name in models.list_models(module=models):
        if any(hub.is_cached(entry) for entry in models.get_model_weights(name)):
            at_hand.add(name)
    return sorted(at_hand)


def is_asset(name: str, weights: str) -> bool:
    """Return True where these weights are among the course's assets."""
    return name in _TIMM_ASSETS or any(
        (name, entry.name) in _TORCHVISION_ASSETS for entry in entries_wanted(name, weights)
    )


def load_classifier(name: str, weights: str | None = "auto", *, allow_download: bool = False) -> Classifier:
    """Load one of the classifiers in ``names()``: see ``synscenes.models.load``."""
    if name in _TIMM_ASSETS:
        return _from_timm(name, weights)
    return _from_torchvision(name, weights, allow_download)


def _from_timm(name: str, weights: str | None) -> Classifier:
    import timm
    from timm.data import create_transform, resolve_data_config

    if weights not in ("auto", None):
        raise CourseError(f"{name} has no weights named {weights!r}: use weights='auto', or None for random ones.")
    timm_name, asset = _TIMM_ASSETS[name]
    module = timm.create_model(timm_name, pretrained=False).eval()
    source = "random parameters (no weights loaded)"
    if weights == "auto":
        path = _asset_file(asset)
        load_in_order(module, read_checkpoint(path), path)
        source = f"course asset {asset} ({path.name}), architecture {timm_name} from timm {timm.__version__}"
    config = resolve_data_config({}, model=module)  # 224 px, bicubic, crop 0.875, mean = std = 0.5
    preprocess = Preprocess(create_transform(**config, is_training=False))
    return Classifier(name, module, preprocess, [entry.name for entry in imagenet.classes()], source)


def _from_torchvision(name: str, weights: str | None, allow_download: bool) -> Classifier:
    from torchvision import models

    wanted = entries_wanted(name, weights)
    if weights is None:
        source, entry = "random parameters (no weights loaded)", wanted[0]
        module = models.get_model(name, weights=None)
    else:
        entry, path, source = _find_weights(name, wanted, allow_download)
        module = models.get_model(name, weights=None, **_builder_options(name, entry))
        hub.fill(module, _renamed(name, read_checkpoint(path)), path, name)
        if name == "googlenet":  # its two side outputs serve training only; torchvision drops them here too
            module.aux_logits, module.aux1, module.aux2 = False, None, None
    return Classifier(name, module.eval(), Preprocess(entry.transforms()), list(entry.meta["categories"]), source)


def _builder_options(name: str, entry) -> dict:
    """What torchvision's own ``weights=`` argument would set besides loading the file.

    Not used as it is, because it would unpickle the file without ``weights_only``.
    """
    if name in ("googlenet", "inception_v3"):
        return {"transform_input": True, "init_weights": False}
    if name.startswith("vit_"):
        return {"image_size": entry.meta["min_size"][0]}
    if name.startswith("maxvit"):
        return {"input_size": entry.meta["min_size"]}
    return {}


def entries_wanted(name: str, weights: str | None) -> list:
    """Return torchvision's weight entries that would do, best first. Raises CourseError for an unknown one."""
    from torchvision import models

    entries = models.get_model_weights(name)
    if weights in ("auto", None):
        # VGG-16 also has weights without a classifier ("FEATURES"); they would load and guess at random.
        whole = [entry for entry in entries if "FEATURES" not in entry.name]
        return sorted(whole, key=lambda entry: entry is not entries.DEFAULT)
    known = [entry.name for entry in entries]
    if weights not in [*known, "DEFAULT"]:
        raise CourseError(f"{name} has no weights named {weights!r}: torchvision offers {', '.join(known)}.")
    return [entries[weights]]


def _find_weights(name: str, wanted: list, allow_download: bool):
    """Return (entry, file, source): an asset if it's one, else hub's cache, else (if allowed) the hub."""
    for entry in wanted:
        asset = _TORCHVISION_ASSETS.get((name, entry.name))
        if asset:
            path = _asset_file(asset)
            return entry, path, f"course asset {asset} ({path.name}), torchvision's {entry}"
    return hub.find(name, wanted, allow_download, available)


def _renamed(name: str, tensors: dict) -> dict:
    """DenseNet's files say "norm.1" where its network says "norm1"; torchvision's own loader renames likewise."""
    if not name.startswith("densenet"):
        return tensors
    layer = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.([12]\.)")
    return {layer.sub(r"\1\2", key): value for key, value in tensors.items()}


def _asset_file(asset: str) -> Path:
    from synscenes import assets

    folder = Path(assets.path(asset))
    found = sorted(folder.rglob("*.pth"))
    if len(found) != 1:
        raise CourseError(f"Expected one .pth file in {folder}: run `python -m synscenes assets verify`.")
    return found[0]
