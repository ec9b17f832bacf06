"""What the doctor looks at: small probes of this machine, each returning one or more findings.

A probe says what it found and, where something is amiss, what to do. Probes may raise: the doctor turns an
exception into a finding of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from synscenes.probes import hardware, software
from synscenes.probes.common import ADVICE, OK, PROBLEM, Check

__all__ = ["ADVICE", "OK", "PROBES", "PROBLEM", "Check"]

PROBES: dict[str, Callable[[], Check | Iterable[Check]]] = {
    "Python": software.python,
    "Course folder": software.environment,
    "Packages": software.packages,
    "Jupyter": software.jupyter,
    "PyTorch": software.torch_pair,
    "Device": hardware.devices,
    "Processor": hardware.processor,
    "Memory": hardware.memory,
    "Disk": hardware.disks,
    "Cache folder": software.cache,
    "Assets": software.assets,
    "Real data": software.real_data,
}
