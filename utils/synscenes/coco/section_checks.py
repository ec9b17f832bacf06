"""Checking ``images`` and ``categories``, and the image files themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from synscenes.checks import shorten
from synscenes.coco.problems import Place, Report
from synscenes.coco.values import check_id, check_text
from synscenes.pictures import upright_size

LARGEST_SIDE = 10**6  # No photograph has a million pixels on a side.


def check_image(place: Place, record: dict[str, Any], folder: Path | None) -> tuple[int | None, tuple[int, int] | None]:
    """Check a record of ``images``; return its id and (width, height), None where unusable."""
    identifier = check_id(place, record, least=0)
    name = check_text(place, record, "file_name")
    sides = [_side(place, record, field) for field in ("width", "height")]
    size = None if None in sides else (sides[0], sides[1])
    if folder is not None and name is not None:
        _check_file(place, folder, name, size)
    return identifier, size


def _side(place: Place, record: dict[str, Any], field: str) -> int | None:
    value = check_id(place, record, field, least=None)
    if value is None or 0 < value <= LARGEST_SIDE:
        return value
    place.add("no-size", field, f"it is {value}", "write the image's size in pixels")
    return None


def _check_file(place: Place, folder: Path, name: str, size: tuple[int, int] | None) -> None:
    from PIL import Image

    if "\0" in name or Path(name).is_absolute() or ".." in Path(name).parts:
        place.add(
            "odd-file-name", "file_name", f"{shorten(name)} leads out of the image folder", "write a plain file name"
        )
        return
    try:
        with Image.open(folder / name) as file:
            found, upright = file.size, upright_size(file)
    except FileNotFoundError:
        place.add(
            "no-file", "file_name", f"{shorten(name)} is not in {folder}", "copy the image there, or correct the name"
        )
    except Exception as error:  # Pillow raises many kinds for what is no image.
        reason = type(error).__name__
        place.add(
            "unreadable-image", "file_name", f"{shorten(name)} can't be opened as an image ({reason})", "copy it again"
        )
    else:
        if size is not None and size not in (found, upright):
            turned = ": the two are swapped, or the photograph is stored turned" if found == size[::-1] else ""
            sizes = f"the file says {size[0]} × {size[1]}, the image is {found[0]} × {found[1]}"
            place.add("other-dimensions", "width", f"{sizes}{turned}", "write the image's own size")


def check_category(place: Place, record: dict[str, Any]) -> tuple[int | None, str | None, int | None]:
    """Check a record of ``categories``; return its id, its name, and its number of joints (None without)."""
    identifier = check_id(place, record)
    name = check_text(place, record, "name")
    if "supercategory" in record and not isinstance(record["supercategory"], str):
        place.add("not-a-text", "supercategory", "it is no text", "write text in quotes")
    joints = record.get("keypoints")
    if "keypoints" not in record:
        return identifier, name, None
    if not isinstance(joints, list) or not all(isinstance(joint, str) for joint in joints):
        place.add("not-a-list", "keypoints", "it is no list of names", "name the joints in order")
        return identifier, name, None
    _check_skeleton(place, record.get("skeleton", []), len(joints))
    return identifier, name, len(joints)


def _check_skeleton(place: Place, edges: Any, joints: int) -> None:
    pairs = isinstance(edges, list) and all(isinstance(edge, list) and len(edge) == 2 for edge in edges)
    ends = [end for edge in edges for end in edge] if pairs else []
    if not pairs or not all(type(end) is int for end in ends):
        place.add("not-a-list", "skeleton", "it is no list of pairs of joints", "write pairs of joint numbers from 1")
    elif ends and not (min(ends) >= 1 and max(ends) <= joints):
        wrong = next(end for end in ends if not 1 <= end <= joints)
        place.add("skeleton", "skeleton", f"it names joint {shorten(wrong, 20)}, and there are {joints}",
                  "the skeleton counts joints from 1")  # fmt: skip


def check_against_coco(report: Report, names: dict[int, str]) -> None:
    """Where most names are COCO's, warn of names that are not and of ids that COCO gives to others."""
    from synscenes.first_photo import documents

    official = {entry["name"]: entry["id"] for entry in documents()["instances"]["categories"]}
    known = {identifier: name for identifier, name in names.items() if name in official}
    # Stuff and panoptic files number on beyond 90.
    if len(known) < 5 or len(known) * 2 < len(names) or max(names) > 90:
        return
    for identifier in sorted(set(names) - set(known)):
        wrong = f"{shorten(names[identifier], 40)} is none of COCO's 80 names"
        report.add("not-cocos-name", wrong, "mend a slip of the pen",
                   section="categories", id=identifier, field="name", level="warning")  # fmt: skip
    moved = [identifier for identifier, name in known.items() if official[name] != identifier]
    if moved:
        name = known[moved[0]]
        wrong = (
            f"{len(moved)} of COCO's categories have other ids than in COCO: {name} is {moved[0]}, not {official[name]}"
        )
        report.add("not-cocos-ids", wrong, "use COCO's ids where detectors trained on COCO answer",
                   section="categories", field="id", level="warning")  # fmt: skip
