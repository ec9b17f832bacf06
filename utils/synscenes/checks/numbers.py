"""What several checks share: numbers compared with the right ones and with typical wrong ones."""

from __future__ import annotations

import numpy as np

from synscenes.checks import Mistake


def diagnose(got, right, wrongs: dict[str, tuple[object, str]], told: str) -> None:
    """Raise the Mistake whose wrong answers these are; return where they are right."""
    same = lambda a, b: np.shape(a) == np.shape(b) and np.allclose(a, b, atol=1e-9)  # noqa: E731
    if same(got, right):
        return
    for name, (answer, text) in wrongs.items():
        if same(got, answer):
            raise Mistake(name, text)
    raise Mistake("wrong", told)
