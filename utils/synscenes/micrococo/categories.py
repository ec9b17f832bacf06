"""The official categories: 80 things, 91 kinds of stuff, and the 53 merged kinds of the panoptic task.

Sources: the ``categories`` of the official ``instances``, ``stuff`` and ``panoptic`` files of COCO 2017
(Lin et al. 2014; Caesar et al. 2018; Kirillov et al. 2019). Ids have gaps; things stop at 90.
"""

from __future__ import annotations

from synscenes.draw import SKELETON as EDGES

_THINGS = """
person: 1 person
vehicle: 2 bicycle, 3 car, 4 motorcycle, 5 airplane, 6 bus, 7 train, 8 truck, 9 boat
outdoor: 10 traffic light, 11 fire hydrant, 13 stop sign, 14 parking meter, 15 bench
animal: 16 bird, 17 cat, 18 dog, 19 horse, 20 sheep, 21 cow, 22 elephant, 23 bear, 24 zebra, 25 giraffe
accessory: 27 backpack, 28 umbrella, 31 handbag, 32 tie, 33 suitcase
sports: 34 frisbee, 35 skis, 36 snowboard, 37 sports ball, 38 kite, 39 baseball bat, 40 baseball glove
sports: 41 skateboard, 42 surfboard, 43 tennis racket
kitchen: 44 bottle, 46 wine glass, 47 cup, 48 fork, 49 knife, 50 spoon, 51 bowl
food: 52 banana, 53 apple, 54 sandwich, 55 orange, 56 broccoli, 57 carrot, 58 hot dog, 59 pizza, 60 donut, 61 cake
furniture: 62 chair, 63 couch, 64 potted plant, 65 bed, 67 dining table, 70 toilet
electronic: 72 tv, 73 laptop, 74 mouse, 75 remote, 76 keyboard, 77 cell phone
appliance: 78 microwave, 79 oven, 80 toaster, 81 sink, 82 refrigerator
indoor: 84 book, 85 clock, 86 vase, 87 scissors, 88 teddy bear, 89 hair drier, 90 toothbrush
"""

_STUFF = """
textile: 92 banner, 93 blanket, 104 cloth, 105 clothes, 109 curtain, 131 mat, 137 napkin, 141 pillow, 152 rug
textile: 167 textile-other, 168 towel
plant: 94 branch, 97 bush, 119 flower, 124 grass, 129 leaves, 134 moss, 142 plant-other, 163 straw, 169 tree
building: 95 bridge, 96 building-other, 128 house, 151 roof, 158 skyscraper, 166 tent
furniture-stuff: 98 cabinet, 107 counter, 108 cupboard, 110 desk-stuff, 112 door-stuff, 123 furniture-other
furniture-stuff: 130 light, 133 mirror-stuff, 156 shelf, 161 stairs, 165 table
structural: 99 cage, 113 fence, 138 net, 146 railing, 164 structural-other
raw-material: 100 cardboard, 132 metal, 139 paper, 143 plastic
floor: 101 carpet, 114 floor-marble, 115 floor-other, 116 floor-stone, 117 floor-tile, 118 floor-wood
ceiling: 102 ceiling-other, 103 ceiling-tile
sky: 106 clouds, 157 sky-other
ground: 111 dirt, 125 gravel, 126 ground-other, 136 mud, 140 pavement, 144 platform, 145 playingfield
ground: 147 railroad, 149 road, 154 sand, 159 snow
water: 120 fog, 148 river, 155 sea, 178 water-other, 179 waterdrops
food-stuff: 121 food-other, 122 fruit, 153 salad, 170 vegetable
solid: 127 hill, 135 mountain, 150 rock, 160 solid-other, 162 stone, 182 wood
wall: 171 wall-brick, 172 wall-concrete, 173 wall-other, 174 wall-panel, 175 wall-stone, 176 wall-tile, 177 wall-wood
window: 180 window-blind, 181 window-other
other: 183 other
"""

# The panoptic task keeps some kinds of stuff as they are and merges others into a new id.
_KEPT = (
    92, 93, 95, 100, 107, 109, 112, 118, 119, 122, 125, 128, 130, 133, 138, 141, 144, 145, 147, 148, 149, 151, 154,
    155, 156, 159, 161, 166, 168, 171, 175, 176, 177, 178, 180, 181,
)  # fmt: skip
_MERGED = """
plant: 184 tree-merged = 94 97 129 169
structural: 185 fence-merged = 99 113 146
ceiling: 186 ceiling-merged = 102 103
sky: 187 sky-other-merged = 106 120 157
furniture-stuff: 188 cabinet-merged = 98 108
furniture-stuff: 189 table-merged = 110 165
floor: 190 floor-other-merged = 114 115 116 117
ground: 191 pavement-merged = 140
solid: 192 mountain-merged = 127 135
plant: 193 grass-merged = 124 134 142 163
ground: 194 dirt-merged = 111 126 136
raw-material: 195 paper-merged = 139
food-stuff: 196 food-other-merged = 121 153 170
building: 197 building-other-merged = 96 158
solid: 198 rock-merged = 150 162
wall: 199 wall-other-merged = 172 173 174
textile: 200 rug-merged = 101 131 152
"""

# The official file numbers the joints from 1.
SKELETON = tuple((start + 1, end + 1) for start, end in EDGES)


def _table(text: str) -> list[dict]:
    rows = []
    for line in text.strip().splitlines():
        group, _, entries = line.partition(": ")
        for entry in entries.split(", "):
            number, _, name = entry.partition(" ")
            rows.append({"supercategory": group, "id": int(number), "name": name})
    return sorted(rows, key=lambda row: row["id"])


def _merging() -> tuple[list[dict], dict[int, int]]:
    rows = [{"supercategory": row["supercategory"], "id": row["id"], "name": row["name"]} for row in STUFF]
    rows = [row for row in rows if row["id"] in _KEPT]
    target = {number: number for number in _KEPT}
    for line in _MERGED.strip().splitlines():
        group, _, rest = line.partition(": ")
        head, _, parts = rest.partition(" = ")
        number, _, name = head.partition(" ")
        rows.append({"supercategory": group, "id": int(number), "name": name})
        target.update({int(part): int(number) for part in parts.split()})
    return rows, target


THINGS: list[dict] = _table(_THINGS)
STUFF: list[dict] = _table(_STUFF)
MERGED_STUFF: list[dict]
MERGED_ID: dict[int, int]  # kind of stuff (92-182) -> its id in the panoptic task; kinds with none are not drawn
MERGED_STUFF, MERGED_ID = _merging()

THING_ID: dict[str, int] = {row["name"]: row["id"] for row in THINGS}
THING_NAME: dict[int, str] = {row["id"]: row["name"] for row in THINGS}
STUFF_ID: dict[str, int] = {row["name"]: row["id"] for row in STUFF}
STUFF_NAME: dict[int, str] = {row["id"]: row["name"] for row in STUFF}


def panoptic_categories() -> list[dict]:
    """Return the 133 categories of the panoptic file: things first, each with ``isthing`` and a colour."""
    rows = [{**row, "isthing": 1} for row in THINGS] + [{**row, "isthing": 0} for row in MERGED_STUFF]
    return [{**row, "color": list(colour(row["id"]))} for row in rows]


def colour(category_id: int) -> tuple[int, int, int]:
    """Return a steady, lively colour for a category (ours, not the official table's)."""
    step = category_id * 97 % 251
    return 40 + step * 67 % 200, 40 + step * 131 % 200, 40 + step * 193 % 200
