"""PyTorch's hub: finding a weight file in its cache, or fetching it whole and checked, or saying why not."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import shutil
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from synscenes.files import sha256_file
from synscenes.models.checkpoints import NotAtHand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import torch

# Seconds without a single byte after which a host counts as silent.
PATIENCE = 20
# A host that could not be reached isn't asked again for this many seconds: ten models would wait ten times.
REST = 300
_silent: dict[str, tuple[float, str]] = {}


def folder() -> Path:
    """Return the folder in which torch hub keeps weight files (``TORCH_HOME`` moves it)."""
    import torch

    return Path(torch.hub.get_dir()) / "checkpoints"


def is_cached(entry: Any) -> bool:
    """Return True where the file of a torchvision weight entry is in hub's cache (unchecked)."""
    return (folder() / Path(entry.url).name).is_file()


def cached(url: str) -> Path | None:
    """Return the file of a weight address in hub's cache, checked; None if absent.

    The first eight hexadecimal digits of the file's sha256 are part of its name: that is PyTorch's own check.
    Raises NotAtHand for a damaged file.
    """
    path = folder() / Path(url).name
    if not path.is_file():
        return None
    wanted = digits_of(path)
    if wanted and not (actual := sha256_file(path)).startswith(wanted):
        raise NotAtHand(
            f"{path} is damaged (sha256 should begin {wanted}, begins {actual[:8]}): delete it and try again."
        )
    return path


def digits_of(path: Path) -> str:
    """Return the beginning of the sha256 that a weight file's name states; "" if it states none."""
    found = re.search(r"-([0-9a-f]{8,})\.", path.name)
    return found[1] if found else ""


def find(
    name: str, wanted: Sequence[Any], allow_download: bool, at_hand: Callable[[], list[str]]
) -> tuple[Any, Path, str]:
    """Return (entry, file, where from) for the first of ``wanted`` in hub's cache, else fetch the first one.

    ``wanted``: torchvision's weight entries, best first. ``at_hand`` lists the names that could be used instead.
    Raises NotAtHand, in one line.
    """
    for entry in wanted:
        if path := cached(entry.url):
            return entry, path, f"torch hub's cache ({_checked(path)}), torchvision's {entry}"
    first = wanted[0]
    if not allow_download:
        raise NotAtHand(
            f"The weights of {name} ({first.meta['_file_size']:.0f} MB) aren't on this machine: pass "
            f"allow_download=True to fetch them from {urlsplit(first.url).netloc}, or use one at hand: "
            f"{', '.join(at_hand())}."
        )
    path = fetch(first.url)
    return (
        first,
        path,
        f"torch hub ({_checked(path)}, just fetched from {urlsplit(first.url).netloc}), torchvision's {first}",
    )


def fill(module: torch.nn.Module, tensors: dict[str, torch.Tensor], path: Path, name: str) -> None:
    """Copy a file's tensors into the network, all of them. Raises NotAtHand where they belong to another one."""
    try:
        module.load_state_dict(tensors, strict=True)
    except RuntimeError as error:
        said = " ".join(str(error).split())
        raise NotAtHand(f"{path} isn't a checkpoint of {name}: {said[:160]}") from None


def fetch(url: str) -> Path:
    """Fetch a weight file into hub's cache, with progress, and return its path.

    It grows under another name and takes its own only when its length and its sha256 are right. Raises NotAtHand for
    a host out of reach, an error it answers with, a stalled, cut or wrong file, and a disk that is full or locked.
    """
    path = folder() / Path(url).name
    try:
        with _answer(url) as answer:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    digest = _copy(answer, file, path)
                if not digest.startswith(digits_of(path)):
                    said = f"its sha256 begins {digest[:8]}, not {digits_of(path)}"
                    raise NotAtHand(f"{url} sent another file than its name says ({said}): nothing kept.")
                os.chmod(part, 0o644)  # mkstemp's own mode would hide it from others who share the cache
                os.replace(part, path)
            finally:
                Path(part).unlink(missing_ok=True)
    except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
        raise NotAtHand(f"{url} broke off ({error or type(error).__name__}): nothing kept, try again.") from None
    except OSError as error:
        raise NotAtHand(f"Could not store {path} ({error.strerror or error}).") from None
    return path


def _answer(url: str) -> Any:
    """Open an address, or raise NotAtHand; a host that was silent a moment ago isn't asked again."""
    host = urlsplit(url).netloc
    since, reason = _silent.get(host, (0.0, ""))
    if reason and time.monotonic() - since < REST:
        raise NotAtHand(f"Could not fetch {Path(url).name}: {host} could not be reached a moment ago ({reason}).")
    try:
        return _within(PATIENCE, urllib.request.Request(url, headers={"User-Agent": "synscenes"}))
    except urllib.error.HTTPError as error:
        raise NotAtHand(f"Could not fetch {url}: the host answered {error.code} {error.reason}.") from None
    except (OSError, http.client.HTTPException) as error:  # URLError is an OSError
        reason = str(getattr(error, "reason", None) or error or type(error).__name__)
        _silent[host] = (time.monotonic(), reason)
        raise NotAtHand(f"Could not fetch {url} ({reason}): is this machine online?") from None


def _within(seconds: float, request: urllib.request.Request) -> Any:
    """Open a request, or raise TimeoutError. urllib's own timeout counts for each of a host's addresses anew, a dozen
    of them behind some walls."""
    found: list[Any] = []

    def ask() -> None:
        try:
            found.append(urllib.request.urlopen(request, timeout=seconds))
        except Exception as error:  # raised below, in the thread that asked
            found.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if not found:
        raise TimeoutError(f"no answer in {seconds} s")
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]


def _copy(answer: Any, file: BinaryIO, path: Path) -> str:
    """Write an answer's bytes to an open file and return their sha256; NotAtHand where they can't be all of them."""
    from tqdm import tqdm

    digest = hashlib.sha256()
    size = int(answer.headers.get("Content-Length") or 0)
    free = shutil.disk_usage(path.parent).free
    if size > free:
        said = f"{path.name} takes {size / 1e6:.0f} MB, and the disk has {free / 1e6:.0f} MB left"
        raise NotAtHand(f"{said}: make room in {path.parent}.")
    with tqdm(total=size or None, unit="B", unit_scale=True, desc=path.name, delay=2) as bar:
        while block := answer.read(1 << 18):
            file.write(block)
            digest.update(block)
            bar.update(len(block))
    if size and bar.n != size:
        raise NotAtHand(f"{answer.url} ended after {bar.n:,} of {size:,} bytes: nothing kept, try again.")
    return digest.hexdigest()


def _checked(path: Path) -> str:
    wanted = digits_of(path)
    return f"{path.name}, sha256 begins {wanted}: checked" if wanted else f"{path.name}, no sha256 to check"
