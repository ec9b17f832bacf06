"""What the user sees while an asset is on its way: a bar on a terminal or in a notebook, else two plain lines."""

from __future__ import annotations

import sys
import time

from synscenes.assets.entries import Asset


class Progress:
    """Reports the download of one asset on stderr; ``shown=False`` reports nothing."""

    def __init__(self, asset: Asset, shown: bool) -> None:
        self._asset = asset
        self._shown = shown
        self._bar = None
        self._started = time.monotonic()
        self._finished = False

    def __enter__(self) -> Progress:
        if self._shown and (_in_notebook() or sys.stderr.isatty()):
            # The text bar, in notebooks too: a widget bar would stay in the executed notebook as widget state.
            from tqdm import tqdm

            self._bar = tqdm(total=self._asset.archive.size, unit="B", unit_scale=True, desc=self._asset.name)
        elif self._shown:
            print(f"Fetching {self._asset.name} ({_megabytes(self._asset)}) ...", file=sys.stderr, flush=True)
        return self

    def update(self, total: int) -> None:
        """Say how many bytes are there so far."""
        if self._bar is not None:
            self._bar.update(min(total, self._asset.archive.size) - self._bar.n)

    def done(self) -> None:
        """Say that the asset is in its place."""
        self._finished = True

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            if self._finished:
                self.update(self._asset.archive.size)
            self._bar.close()
        elif self._shown and self._finished:
            seconds = time.monotonic() - self._started
            print(f"Fetched {self._asset.name}: verified, in {seconds:.0f} s.", file=sys.stderr, flush=True)


def _megabytes(asset: Asset) -> str:
    return f"{asset.archive.size / 1e6:.1f} MB"


def _in_notebook() -> bool:
    """True inside a Jupyter kernel (whose stderr is not a terminal but can redraw a line)."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"
