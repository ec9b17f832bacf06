"""The misfortunes of a list of URLs, one of each, and ten years in the life of a list, on the rotting server."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence

from synscenes.linkrot.downloader import Downloader
from synscenes.linkrot.policy import Item, Outcome
from synscenes.linkrot.rotting import RottingServer
from synscenes.linkrot.survival import Link

# name, behaviour, what is meant by it
MISFORTUNES = (
    ("whole", "fine", "a picture, as it should be"),
    ("moved", "redirect", "moved to a new address"),
    ("hiccup", "hiccup", "500 twice, then the picture"),
    ("overrun", "busy", "429, come back in 30 s"),
    ("torn", "cut", "the line breaks in the middle, once"),
    ("not-found", "missing", "404, deleted"),
    ("withdrawn", "gone", "410, deleted for good"),
    ("private", "forbidden", "403, the album was made private"),
    ("shut-today", "closed", "503, come back tomorrow"),
    ("mute", "silent", "takes the request, says nothing"),
    ("drip", "drip", "one byte every 20 ms"),
    ("always-torn", "cut-always", "the line breaks in the middle, always"),
    ("half-file", "halved", "half a JPEG, stored so on the server"),
    ("for-sale", "page", "a web page where the picture was"),
    ("disguised", "disguised-page", "a web page labelled image/jpeg"),
    ("circle", "circle", "a redirect in a circle"),
    ("unavailable", "redirect", 'a redirect to a "photo unavailable" picture'),
    ("replaced", "fine", "another photograph at the old address"),
    ("huge", "huge", "ten gigabytes announced"),
    ("inward", "redirect", "a redirect to an address inside our own network"),
)


def placeholder() -> bytes:
    """A small grey PNG that says that a photo is no longer available."""
    import io

    from PIL import Image, ImageDraw

    image = Image.new("RGB", (240, 180), "#dddddd")
    ImageDraw.Draw(image).text((28, 84), "This photo is no longer available", fill="#555555")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def misfortunes(server: RottingServer, pictures: Sequence[bytes]) -> list[Item]:
    """Put one link of each kind on the server and return the list; each has the checksum of its true picture."""
    server.add("/static/photo_unavailable.png", "fine", placeholder(), "image/png")
    targets = {
        "unavailable": "/static/photo_unavailable.png",
        "inward": "http://169.254.169.254/latest/meta-data/",
        "moved": "/new-home/moved.jpg",
    }
    items = []
    for number, (name, behaviour, _) in enumerate(MISFORTUNES):
        picture = pictures[number % len(pictures)]
        body = targets[name].encode() if name in targets else picture
        if name == "moved":
            server.add(targets[name], "fine", picture)
        if name == "replaced":
            body = pictures[(number + 1) % len(pictures)]
        url = server.add(f"/{name}.jpg", behaviour, body)
        digest = hashlib.sha256(picture).hexdigest()
        items.append(Item(url, name, digest, attribution="its photographer", licence="research and teaching"))
    return items


def live_through(
    links: Sequence[Link],
    server: RottingServer,
    downloader: Downloader,
    pictures: Sequence[bytes],
    years: int,
    on_year: Callable[[int, list[Outcome]], None] = lambda year, outcomes: None,
) -> tuple[list[int], list[bool]]:
    """Visit every listed link once a year with the downloader; return ages (years) and whether each one died.

    In year y the links listed in the years before y are visited. One that has died by then answers with its
    way to fail, and is not visited again. ``died`` False means: alive at the last visit (censored).
    """
    server.add("/static/photo_unavailable.png", "fine", placeholder(), "image/png")
    items = []
    for number in range(len(links)):
        url = server.add(f"/{number}.jpg", "fine", pictures[number % len(pictures)])
        items.append(
            Item(url, f"link-{number}", attribution=f"the owner of photograph {number}", licence="unknown")
        )
    ages, died = [0] * len(links), [False] * len(links)
    for year in range(1, years + 1):
        due = [n for n, link in enumerate(links) if link.listed < year and not died[n]]
        for n in due:
            if links[n].lifetime <= year - links[n].listed:
                _let_die(server, n, links[n].death)
        outcomes = downloader.fetch_all([items[n] for n in due])
        for n, outcome in zip(due, outcomes):
            ages[n], died[n] = year - links[n].listed, not outcome.ok
        on_year(year, outcomes)
    return ages, died


def expected_ages(links: Sequence[Link], years: int) -> tuple[list[int], list[bool]]:
    """What a faultless visitor would find: the same as :func:`live_through`, computed from the lifetimes."""
    died = [math.ceil(link.lifetime) + link.listed <= years for link in links]
    ages = [math.ceil(link.lifetime) if dead else years - link.listed for link, dead in zip(links, died)]
    return ages, died


def _let_die(server: RottingServer, number: int, death: str) -> None:
    body = b"/static/photo_unavailable.png" if death == "redirect" else b""
    server.add(f"/{number}.jpg", death, body)
