"""Does an alternative text say what the picture shows?"""

from __future__ import annotations

import re

# A photograph's label takes three words: "Photograph labelled swan".
LEAST_WORDS = 3
_FILE = re.compile(r"[\w./-]+\.(png|jpe?g|gif|svg|webp|bmp)", re.IGNORECASE)
# Screen readers say that it is a picture by themselves.
_EMPTY = re.compile(
    r"((an?|the|this|our) )?(figure|image|picture|plot|chart|graph|photo(graph)?|diagram|screenshot|drawing)s?"
    r"( (of|for|showing) (the )?(data|results?|figure|image|output|cell|lesson))?[\s\d.:,;-]*",
    re.IGNORECASE,
)


def poor_alt(text: str) -> str | None:
    """Return what is wrong with an alternative text, None for one that may well describe its picture.

    Found are texts that are empty, name a file, only say that there is a figure, begin with "image of", or have
    fewer than ``LEAST_WORDS`` words. That a text is true, nobody but a reader can tell.
    """
    words = text.split()
    if not words:
        return "is empty"
    if _FILE.fullmatch(text.strip()):
        return "is the name of a file"
    if _EMPTY.fullmatch(text.strip()):
        return "only says that there is a picture"
    if re.match(r"(image|picture) (of|showing)\b", text.strip(), re.IGNORECASE):
        return 'begins with "image of", which a screen reader says by itself'
    if len(words) < LEAST_WORDS:
        return f"has {len(words)} of at least {LEAST_WORDS} words"
    return None
