"""Nouns, articles, numbers: the small grammar that captions are made with."""

from __future__ import annotations

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_PLURALS = {
    "person": "people", "child": "children", "sheep": "sheep", "skis": "skis", "scissors": "scissors",
    "knife": "knives", "couch": "couches", "bench": "benches", "sandwich": "sandwiches", "bus": "buses",
    "wine glass": "wine glasses",
    "toothbrush": "toothbrushes", "mouse": "mice",
}  # fmt: skip
# Other words for a category, as people who describe pictures use them; the first is the usual one.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "person": ("person",),
    "airplane": ("airplane", "plane"),
    "bicycle": ("bicycle", "bike"),
    "motorcycle": ("motorcycle", "motorbike"),
    "couch": ("couch", "sofa"),
    "tv": ("television", "TV"),
    "dining table": ("table", "dining table"),
    "sports ball": ("ball",),
    "traffic light": ("traffic light",),
    "mouse": ("computer mouse",),
    "cell phone": ("cell phone", "phone"),
    "remote": ("remote control", "remote"),
    "refrigerator": ("refrigerator", "fridge"),
    "potted plant": ("potted plant", "plant"),
    "donut": ("donut",),
    "clock": ("clock",),
    "baseball bat": ("baseball bat", "bat"),
    "pizza": ("slice of pizza", "pizza slice"),
    "cake": ("cake",),
    "broccoli": ("piece of broccoli",),
    "suitcase": ("suitcase",),
    "skis": ("pair of skis",),
    "scissors": ("pair of scissors",),
}


def article(noun: str) -> str:
    """The noun with "a" or "an" before it."""
    return f"{'an' if noun[0].lower() in 'aeio' or noun.startswith('umbrella') else 'a'} {noun}"


def plural(noun: str) -> str:
    """The plural of a noun or of a phrase whose last word counts."""
    if noun.startswith(("pair of ", "piece of ", "slice of ")):
        return noun.replace(" of ", "s of ", 1)
    for word, many in _PLURALS.items():
        if noun == word or noun.endswith(f" {word}"):
            return noun[: len(noun) - len(word)] + many
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    return f"{noun}s"


def counted(number: int, noun: str) -> str:
    """ "a dog", "two dogs", "many dogs" (more than ten)."""
    if number == 1:
        return article(noun)
    return f"{NUMBERS[number] if number <= 10 else 'many'} {plural(noun)}"


def listed(parts: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def sentence(text: str) -> str:
    """A capital letter at the start, a full stop at the end, single spaces."""
    text = " ".join(text.split())
    return f"{text[0].upper()}{text[1:]}."
