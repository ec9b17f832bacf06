"""Five captions an image, in COCO's manner: each says some of what the scene graph holds, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np

from synscenes.micrococo.chance import chance, pick, shuffled, weighted
from synscenes.micrococo.words import (
    SYNONYMS,
    article,
    counted,
    listed,
    plural,
    sentence,
)

_PLACES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # where ("on a street"), and what ("a street")
    "street": (("on a street", "on a city street", "near a road", "in a city"), ("city street", "street", "road")),
    "park": (("in a park", "in a grassy park", "outdoors on the grass"), ("park", "green park", "grassy area")),
    "beach": (("at the beach", "on a sandy beach", "by the sea"), ("beach", "sandy beach", "view of the sea")),
    "snow": (
        ("in the snow", "on a snowy slope", "on a snow covered hill"),
        ("snowy slope", "snow covered hill", "snowy scene"),
    ),
    "field": (("in a field", "in a grassy field", "on a farm"), ("field", "grassy field", "farm")),
    "savanna": (("in dry grassland", "on a dry plain", "in the wild"), ("dry plain", "dry grassy plain", "savanna")),
    "harbour": (("in a harbor", "by the water", "near the waterfront"), ("harbor", "waterfront", "body of water")),
    "airfield": (("at an airport", "near a runway", "at an airfield"), ("airport", "runway", "airfield")),
    "station": (("at a train station", "near the tracks", "by a railroad"), ("train station", "train platform")),
    "tennis court": (("on a tennis court", "near a tennis net", "at a tennis court"), ("tennis court",)),
    "ball field": (
        ("on a playing field", "on a ball field", "at a sports field"),
        ("playing field", "ball field", "sports field"),
    ),
    "living room": (
        ("in a living room", "in a room", "inside a living room"),
        ("living room", "room", "cozy living room"),
    ),
    "kitchen": (("in a kitchen", "inside a kitchen", "in the kitchen"), ("kitchen", "home kitchen")),
    "bedroom": (("in a bedroom", "inside a bedroom", "in a room"), ("bedroom", "tidy bedroom", "room")),
    "bathroom": (("in a bathroom", "in a tiled bathroom", "inside a bathroom"), ("bathroom", "tiled bathroom")),
    "dining table": (("on a table", "on a dining table", "on top of a table"), ("table", "dining table", "table top")),
    "desk": (("on a desk", "on top of a desk", "on a work desk"), ("desk", "desk top", "work desk")),
}  # fmt: skip
_SKIES = {
    "clear": ("on a sunny day", "on a clear day", "under a blue sky"),
    "cloudy": ("under a cloudy sky", "on a partly cloudy day"),
    "overcast": ("on an overcast day", "under a gray sky"),
    "evening": ("at sunset", "in the evening", "under an orange sky"),
    "morning": ("in the morning light", "on a bright morning"),
}
_VERBS = {
    "standing": ("is standing", "stands"),
    "walking": ("is walking", "walks"),
    "running": ("is running", "runs"),
    "cheering": ("is standing with both arms raised", "raises both arms"),
    "jumping": ("is jumping", "jumps into the air"),
    "sitting": ("is sitting", "sits"),
    "swinging": ("is in motion", "is stretching both arms"),
    "holding": ("is standing", "stands"),
    "riding": ("is leaning forward", "is in motion"),
}
_ACTS = {
    "riding": ("is riding", "rides", "on"),
    "holding": ("is holding", "holds", "with"),
    "wearing": ("is wearing", "with", "wears"),
    "with": ("is with", "with", "stands near"),
    "sitting on": ("is sitting on", "sits on", "sitting on"),
    "at": ("is sitting at", "sits at", "at"),
    "playing with": ("is playing with", "plays with", "with"),
    "flying": ("is flying", "flies", "flying"),
}


def captions(scene: dict[str, Any], rng: np.random.Generator) -> list[str]:
    """Return five different captions of a scene graph."""
    teller = _Teller(scene, rng)
    made: list[str] = []
    kinds = shuffled(rng, [teller.short, teller.action, teller.relation, teller.there, teller.place, teller.long])
    for attempt in range(120):
        text = sentence(kinds[attempt % len(kinds)]() or teller.short())
        if text not in made:
            made.append(text)
        if len(made) == 5:
            return made
    # Nearly empty scenes run out of words: vary the beginning.
    for opening in ("A picture of ", "A view of ", "An image of ", "A photo of ", "A scene with "):
        text = sentence(opening + teller.plain())
        if len(made) < 5 and text not in made:
            made.append(text)
    return made


class _Teller:
    def __init__(self, scene: dict[str, Any], rng: np.random.Generator) -> None:
        self.scene, self.rng = scene, rng
        self.where, self.what = _PLACES[scene["setting"]]
        # What fills the picture or is near is mentioned first; specks are not mentioned.
        seen = [thing for thing in scene["objects"] if thing["area"] >= 60]
        self.objects = sorted(seen, key=lambda thing: (-thing["area"], thing["annotation_id"]))
        self.by_id = {thing["annotation_id"]: thing for thing in self.objects}
        self.table = scene["setting"] == "dining table"
        self.relations = [
            link for link in scene["relations"] if link["subject"] in self.by_id and link["object"] in self.by_id
        ]

    def place(self) -> str:
        """ "A sunny street with a red car and two people"."""
        parts = self.groups(pick(self.rng, (2, 3, 4)))
        noun = pick(self.rng, self.what)
        return f"{article(noun)} {self.sky(0.3)} with {listed(parts)}" if parts else f"{article(noun)} {self.sky(0.8)}"

    def short(self) -> str:
        """ "Two people and a dog in a park"."""
        parts = self.groups(pick(self.rng, (1, 2)))
        return (
            f"{listed(parts)} {pick(self.rng, self.where)}"
            if parts
            else f"{article(pick(self.rng, self.what))} {self.sky(0.6)}"
        )

    def there(self) -> str:
        """ "There are three sheep and a horse in a field"."""
        parts = self.groups(pick(self.rng, (1, 2, 3)))
        if not parts:
            return f"there is {article(pick(self.rng, self.what))} {self.sky(0.6)}"
        verb = "is" if parts[0].startswith(("a ", "an ")) else "are"
        return f"there {verb} {listed(parts)} {pick(self.rng, self.where)} {self.sky(0.25)}"

    def plain(self) -> str:
        """The place alone, with what is in it."""
        parts = self.groups(2)
        return f"{article(pick(self.rng, self.what))}{' and ' if parts else ''}{listed(parts)}"

    def action(self) -> str | None:
        """What one person does."""
        people = [thing for thing in self.objects if thing["category"] == "person" and thing["count"] == 1]
        if not people:
            return None
        someone = people[0] if chance(self.rng, 0.65) else pick(self.rng, people[:4])
        acts = [link for link in self.relations if link["subject"] == someone["annotation_id"]]
        subject = self.person(someone)
        where = "" if self.table else pick(self.rng, self.where)
        if acts:
            link = pick(self.rng, acts)
            verb = pick(self.rng, _ACTS[link["predicate"]])
            thing = self.phrase(self.by_id[link["object"]])
            if link["predicate"] == "riding" and self.by_id[link["object"]]["category"] == "skis":
                verb, thing = pick(self.rng, ("is on", "is skiing on")), "skis"
            return f"{subject} {verb} {thing} {where} {self.sky(0.2)}"
        verb = pick(self.rng, _VERBS[str(someone["attributes"]["verb"])])
        if self.table:
            return f"{subject} {verb} behind a table"
        if self.scene["setting"] == "desk":
            return f"{subject} {verb} behind a desk"
        return f"{subject} {verb} {where} {self.sky(0.3)}"

    def relation(self) -> str | None:
        """How two things lie to one another."""
        found = [link for link in self.relations if link["predicate"] == "on"]
        if found and chance(self.rng, 0.5):
            link = pick(self.rng, found)
            upper, lower = self.by_id[link["subject"]], self.by_id[link["object"]]
            return f"{self.phrase(upper)} {pick(self.rng, ('on', 'sitting on', 'on top of'))} {self.phrase(lower)}"
        pairs = self.neighbours()
        if not pairs:
            return None
        a, words, b = pick(self.rng, pairs[:6])
        verb = pick(self.rng, ("", "is "))
        other = self.phrase(b)
        if a["category"] == b["category"]:
            other = f"another {self.noun(b['category'])}"
        return f"{self.phrase(a)} {verb}{words} {other} {pick(self.rng, ('', pick(self.rng, self.where)))}"

    def long(self) -> str | None:
        """An action, and what else is there."""
        first = self.action()
        if first is None:
            return None
        rest = [
            part for part in self.groups(3) if "person" not in part and "people" not in part and "child" not in part
        ]
        told = [part for part in rest if part.split()[-1] not in first]
        if not told:
            return None
        also = "and there is also" if told[0].startswith(("a ", "an ")) else "and there are also"
        return f"{first.strip()}, {pick(self.rng, (also, 'with', 'near'))} {listed(told[:2])}"

    def neighbours(self) -> list[tuple[dict, str, dict]]:
        """Pairs of larger things that are beside, before or behind one another, by box and depth."""
        pairs = []
        linked = {(link["subject"], link["object"]) for link in self.relations}
        for a in self.objects[:6]:
            for b in self.objects[:6]:
                if a is b or "dining table" in (a["category"], b["category"]) or a["count"] + b["count"] > 2:
                    continue
                if (a["annotation_id"], b["annotation_id"]) in linked or (
                    b["annotation_id"],
                    a["annotation_id"],
                ) in linked:
                    continue
                ax, aw, bx, bw = a["bbox"][0], a["bbox"][2], b["bbox"][0], b["bbox"][2]
                gap = max(ax, bx) - min(ax + aw, bx + bw)
                away = abs(a["depth"] - b["depth"]) / max(a["depth"], b["depth"])
                if away < 0.2 and -4 < gap < 0.6 * max(aw, bw):
                    pairs.append((a, pick(self.rng, ("next to", "beside", "near")), b))
                elif away > 0.2 and gap < -0.4 * min(aw, bw):
                    pairs.append((a, "in front of" if a["depth"] < b["depth"] else "behind", b))
        return pairs

    def groups(self, most: int) -> list[str]:
        """Things counted by category, the largest first, at most so many kinds."""
        kinds: dict[str, list[dict]] = {}
        for thing in self.objects:
            if not (self.table and thing["category"] == "dining table"):
                kinds.setdefault(thing["category"], []).append(thing)
        chosen = list(kinds)[:most]
        if len(kinds) > most and chance(self.rng, 0.25):
            chosen[-1] = pick(self.rng, list(kinds)[most - 1 :])
        return [self.group(kinds[name]) for name in chosen]

    def group(self, things: list[dict]) -> str:
        """One thing with its attribute, several with their number, a crowd with a word for many."""
        category = things[0]["category"]
        if any(thing["count"] > 1 for thing in things):
            many = {"person": ("a crowd of people", "a group of people"), "bird": ("a flock of birds", "many birds"),
                    "sheep": ("a flock of sheep", "many sheep"), "cow": ("a herd of cows", "many cows"),
                    "book": ("many books", "rows of books")}  # fmt: skip
            return pick(
                self.rng,
                many.get(
                    category, (f"a group of {plural(self.noun(category))}", f"a herd of {plural(self.noun(category))}")
                ),
            )
        if len(things) == 1:
            return self.phrase(things[0])
        if category == "person":
            children = [thing for thing in things if thing["attributes"]["child"]]
            if len(children) == len(things):
                return counted(len(things), pick(self.rng, ("child", "kid")))
        # A number is only given where every one of them is large enough to be counted by a reader.
        total = sum(thing["category"] == category for thing in self.scene["objects"])
        if total != len(things) or chance(self.rng, 0.15):
            return (
                f"{pick(self.rng, ('some', 'several') if len(things) > 2 else ('some',))} {plural(self.noun(category))}"
            )
        return counted(len(things), self.noun(category))

    def phrase(self, thing: dict) -> str:
        """ "a red car", "a person in a blue shirt"."""
        if thing["count"] > 1:
            return self.group([thing])
        if thing["category"] == "person":
            return self.person(thing)
        noun = self.noun(thing["category"])
        if thing["color"] and chance(self.rng, 0.45) and " of " not in noun:
            noun = f"{thing['color']} {noun}"
        return article(noun)

    def person(self, thing: dict) -> str:
        """A person with a detail of the clothes, sometimes."""
        noun = pick(self.rng, ("child", "kid", "young child")) if thing["attributes"]["child"] else "person"
        detail = weighted(self.rng, (("", 3.0), ("top", 2.0), ("hat", 1.0)))
        if detail == "hat" and thing["attributes"]["hat"]:
            return f"{article(noun)} in a {thing['attributes']['hat']}"
        if detail == "top" and thing["area"] > 500:
            return f"{article(noun)} in {article(str(thing['attributes']['top']) + ' shirt')}"
        return article(noun)

    def noun(self, category: str) -> str:
        """The usual word, now and then another."""
        words = SYNONYMS.get(category, (category,))
        return words[0] if chance(self.rng, 0.7) else pick(self.rng, words)

    def sky(self, probability: float) -> str:
        """Light and weather, outdoors, sometimes."""
        if self.scene["indoors"] or not chance(self.rng, probability):
            return ""
        return pick(self.rng, _SKIES[self.scene["mood"]])
