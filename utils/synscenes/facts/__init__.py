"""The fact ledger: what is said about ImageNet and COCO, whether it holds, and how we know.

``utils/synscenes/data/facts.toml`` holds the entries. Lessons quote them through ``{{fact:some-id}}`` in
their Markdown, or in code by ``facts.quote("some-id")`` and ``facts.value("some-id")``;
``facts.tell("some-id")`` shows the whole entry.

>>> from synscenes import facts
>>> facts.value("ilsvrc-2012-alexnet")
16.4
"""

from __future__ import annotations

from synscenes.facts.evidence import compute
from synscenes.facts.ledger import Fact, fact, history, load, quote, substitute, value
from synscenes.facts.page import page_markdown
from synscenes.facts.telling import tell

__all__ = [
    "Fact",
    "compute",
    "fact",
    "history",
    "load",
    "page_markdown",
    "quote",
    "substitute",
    "tell",
    "value",
]
