"""Loading ImageNet classifiers: from the course's assets, from torch hub's cache, or from the hub."""

from __future__ import annotations

from pathlib import Path

from synscenes import imagenet
from synscenes.errors import CourseError
from synscenes.models.checkpoints import hub_file, hub_folder, load_in_order, read_checkpoint
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
        if any((hub_folder() / Path(entry.url).name).is_file() for entry in models.get_model_weights(name)):
            at_hand.add(name)
    return sorted(at_hand)


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

    entries = models.get_model_weights(name)
    wanted = _entries_wanted(name, weights, entries)
    if weights is None:
        source, entry = "random parameters (no weights loaded)", wanted[0]
        module = models.get_model(name, weights=None)
    else:
        entry, path, source = _find_weights(name, wanted, allow_download)
        module = models.get_model(name, weights=None, **_builder_options(name, entry))
        try:
            module.load_state_dict(read_checkpoint(path), strict=True)
        except RuntimeError as error:
            raise CourseError(f"{path} isn't a checkpoint of {name}: {str(error).splitlines()[0]}") from None
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


def _entries_wanted(name: str, weights: str | None, entries) -> list:
    """The weight entries that would do, best first."""
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
    for entry in wanted:
        path = hub_file(entry.url)
        if path is not None:
            return entry, path, f"torch hub's cache ({path.name}), torchvision's {entry}"
    first = wanted[0]
    if not allow_download:
        raise CourseError(
            f"The weights of {name} ({first.meta['_file_size']:.0f} MB) aren't on this machine: pass "
            f"allow_download=True to fetch them from {first.url.split('/')[2]}, or use one at hand: "
            f"{', '.join(available())}."
        )
    path = hub_file(first.url, download=True)
    return first, path, f"torch hub ({path.name}, just fetched), torchvision's {first}"


def _asset_file(asset: str) -> Path:
    from synscenes import assets

    folder = Path(assets.path(asset))
    found = sorted(folder.rglob("*.pth"))
    if len(found) != 1:
        raise CourseError(f"Expected one .pth file in {folder}: run `python -m synscenes assets verify`.")
    return found[0]
