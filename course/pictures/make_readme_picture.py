"""Draw README's picture: golden retriever's place in WordNet, beside a scene annotated as COCO would.

Run ``python course/pictures/make_readme_picture.py`` in the course's environment; it writes ``one_dog_two_views.svg``.
Everything in it is drawn here: no photograph, no other picture. The words on the left are read from WordNet.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Ellipse, FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path as Outline
from scipy.interpolate import splev, splprep

from synscenes import draw, wordnet
from synscenes.lesson.style import COLOURS

TARGET = Path(__file__).with_name("one_dog_two_views.svg")
PAPER, INK, SOFT = "#FBF9F4", "#22303C", "#8A94A0"
GOLD, DARK_GOLD = "#D9A441", "#B9812B"
WIDTH, HEIGHT = 700, 480  # of the scene, pixels
PERSON, DOG, FRISBEE = 1, 18, 34  # COCO's category ids

# The golden retriever runs to the left, muzzle up: a closed outline through these points.
DOG_POINTS = [
    (433, 256), (448, 243), (466, 236), (484, 244), (497, 262), (522, 273), (558, 272), (588, 280), (610, 262),
    (634, 236), (656, 226), (647, 250), (629, 277), (610, 297), (616, 325), (638, 348), (653, 376), (640, 381),
    (621, 358), (593, 336), (578, 329), (576, 352), (559, 374), (547, 373), (557, 350), (554, 330), (526, 332),
    (505, 332), (482, 348), (455, 357), (430, 372), (422, 363), (446, 345), (464, 327), (468, 307), (461, 287),
    (448, 283), (434, 286), (422, 279), (418, 268), (424, 260),
]  # fmt: skip
EAR_POINTS = [(470, 243), (484, 252), (491, 270), (486, 288), (476, 282), (469, 263)]
FAR_LEGS = [
    [(482, 333), (496, 352), (490, 380), (478, 381), (480, 356), (470, 338)],
    [(596, 328), (602, 350), (590, 378), (578, 378), (586, 352), (580, 334)],
]

# The 17 joints of the person who throws; v = 1 for the left ear, hidden by the head.
JOINTS = {
    "nose": (176, 122, 2), "left_eye": (172, 115, 2), "right_eye": (166, 114, 2), "left_ear": (160, 118, 1),
    "right_ear": (152, 117, 2), "left_shoulder": (168, 164, 2), "right_shoulder": (134, 168, 2),
    "left_elbow": (212, 176, 2), "right_elbow": (108, 212, 2), "left_wrist": (252, 152, 2),
    "right_wrist": (124, 254, 2), "left_hip": (164, 264, 2), "right_hip": (138, 266, 2),
    "left_knee": (190, 322, 2), "right_knee": (128, 332, 2), "left_ankle": (184, 388, 2),
    "right_ankle": (98, 390, 2),
}  # fmt: skip


def smooth(points: list[tuple[float, float]], count: int = 90) -> np.ndarray:
    """Return a closed curve through the points: (count, 2)."""
    closed = np.array([*points, points[0]], dtype=float)
    spline, _ = splprep(closed.T, s=len(points) * 1.5, per=True)
    return np.column_stack(splev(np.linspace(0, 1, count), spline))


def paint_background(ax: Axes) -> None:
    """Sky, hills, a tree and the lawn."""
    sky = np.linspace(0, 1, 64)[:, None, None]
    colours = (
        np.array(mpl.colors.to_rgb("#BFE0F2")) * (1 - sky) + np.array(mpl.colors.to_rgb("#F7F1DF")) * sky
    )
    ax.imshow(colours, extent=(0, WIDTH, 330, 0), interpolation="bilinear", zorder=0)
    ax.add_patch(Circle((604, 66), 30, color="#F9DE8B", zorder=0.1))
    x = np.linspace(-5, WIDTH + 5, 60)
    for base, swing, shift, colour in ((258, 22, 0.4, "#BCD7B5"), (286, 16, 2.1, "#A3C897")):
        top = base + swing * np.sin(x / 105 + shift)
        ax.fill_between(x, top, 340, color=colour, zorder=0.2, linewidth=0)
    ax.fill_between(x, 322 + 5 * np.sin(x / 80), HEIGHT, color="#8DBB76", zorder=0.3, linewidth=0)
    ax.fill_between(x, 398 + 7 * np.sin(x / 120 + 1), HEIGHT, color="#7DAE68", zorder=0.35, linewidth=0)
    ax.add_patch(Polygon([(318, 330), (324, 220), (338, 220), (346, 330)], color="#8B6B4C", zorder=0.4))
    for place, size in (((331, 178), 50), ((294, 205), 36), ((368, 203), 38), ((331, 224), 34)):
        ax.add_patch(Circle(place, size, color="#6FA05F", zorder=0.45))
    for place, width in (((140, 400), 150), ((542, 392), 230)):
        ax.add_patch(Ellipse(place, width, 20, color="#5E8F4E", alpha=0.55, zorder=0.5))


def limb(ax: Axes, names: str, width: float, colour: str, order: float) -> None:
    """A thick round line through joints."""
    points = np.array([JOINTS[name][:2] for name in names.split()])
    ax.plot(
        *points.T,
        color=colour,
        linewidth=width,
        solid_capstyle="round",
        solid_joinstyle="round",
        zorder=order,
    )


def paint_person(ax: Axes) -> None:
    """The person, built on the joints."""
    skin, shirt, trousers, shoe = "#C98F6B", "#7A5BA6", "#3F5873", "#2D2A2B"
    limb(ax, "left_shoulder left_elbow left_wrist", 13, skin, 1.0)
    limb(ax, "left_hip left_knee left_ankle", 17, "#35495F", 1.0)
    limb(ax, "right_hip right_knee right_ankle", 18, trousers, 1.1)
    for x, y in ((196, 395), (110, 398)):
        ax.add_patch(Ellipse((x, y), 44, 15, color=shoe, zorder=1.15))
    torso = smooth(
        [(130, 160), (152, 152), (174, 160), (178, 205), (176, 268), (152, 276), (128, 272), (124, 210)]
    )
    ax.add_patch(Polygon(torso, color=shirt, zorder=1.2, linewidth=0))
    limb(ax, "left_shoulder left_elbow", 16, "#694C92", 1.15)
    limb(ax, "right_shoulder right_elbow", 17, "#694C92", 1.3)
    limb(ax, "right_elbow right_wrist", 13, skin, 1.25)
    ax.plot([152, 156], [152, 140], color=skin, linewidth=16, zorder=1.18, solid_capstyle="round")
    ax.add_patch(Circle((157, 118), 25, color=skin, zorder=1.4))
    hair = smooth(
        [
            (134, 122),
            (132, 104),
            (146, 91),
            (166, 90),
            (180, 101),
            (168, 106),
            (154, 106),
            (148, 122),
            (140, 130),
        ]
    )
    ax.add_patch(Polygon(hair, color="#3A2A22", zorder=1.45, linewidth=0))


def paint_dog(ax: Axes) -> None:
    """The dog, and its face."""
    for points in FAR_LEGS:
        ax.add_patch(Polygon(smooth(points, 40), color=DARK_GOLD, zorder=0.7, linewidth=0))
    ax.add_patch(Polygon(smooth(DOG_POINTS), color=GOLD, zorder=0.75, linewidth=0))
    chest = smooth([(468, 300), (490, 312), (502, 330), (484, 338), (470, 328)], 60)
    ax.add_patch(Polygon(chest, color="#EBCB8B", zorder=0.8, linewidth=0))
    ax.add_patch(Polygon(smooth(EAR_POINTS, 60), color=DARK_GOLD, zorder=0.85, linewidth=0))
    ax.add_patch(Ellipse((423, 262), 11, 9, color=INK, zorder=0.9))
    ax.add_patch(Circle((452, 255), 3.6, color=INK, zorder=0.9))
    ax.plot([426, 442], [277, 275], color="#7A5522", linewidth=1.6, solid_capstyle="round", zorder=0.9)


def annotations() -> list[dict]:
    """Return the scene's annotations as COCO would write them (boxes and outlines)."""
    angle = np.linspace(0, 2 * np.pi, 40)
    frisbee = np.column_stack([338 + 30 * np.cos(angle), 92 + 10 * np.sin(angle) - 4 * np.cos(angle)])
    person = [(130, 92), (262, 400), (84, 408)]
    found = []
    dog = [smooth(DOG_POINTS), *(smooth(points, 40) for points in FAR_LEGS)]
    for category, outlines in ((PERSON, [np.array(person)]), (DOG, dog), (FRISBEE, [frisbee])):
        points = np.concatenate(outlines)
        low, high = points.min(axis=0) - 3, points.max(axis=0) + 3
        shapes = [outline.ravel().tolist() for outline in outlines]
        found.append({"category_id": category, "bbox": [*low, *(high - low)], "segmentation": shapes})
    return found


def paint_scene(ax: Axes) -> None:
    """The scene under its annotation: boxes for all, the dog's mask, the person's joints."""
    draw.show_image(ax, np.ones((HEIGHT, WIDTH, 3), dtype=np.uint8) * 255)
    paint_background(ax)
    paint_person(ax)
    paint_dog(ax)
    things = annotations()
    _, dog, frisbee = things
    ax.add_patch(
        Polygon(np.reshape(frisbee["segmentation"][0], (-1, 2)), color=COLOURS["vermilion"], zorder=1.5)
    )
    ax.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    colours = [COLOURS["purple"], COLOURS["orange"], COLOURS["blue"]]
    draw.draw_masks(ax, [dog], colours[1:2], alpha=0.45)
    draw.draw_keypoints(ax, [[JOINTS[name] for name in draw.KEYPOINTS]], colours[:1])
    draw.draw_boxes(ax, things, colours)
    draw.draw_labels(ax, ["person · 17 joints", "dog · mask", "frisbee"], things, colours)
    corner = FancyBboxPatch(
        (0, 0), WIDTH, HEIGHT, boxstyle="round,pad=0,rounding_size=14", transform=ax.transData
    )
    for artist in [*ax.patches, *ax.collections, *ax.images, *ax.lines]:
        artist.set_clip_path(corner)


def paint_words(ax: Axes) -> None:
    """WordNet's path from mammal down to golden retriever, and the other parent of dog."""
    words = wordnet.load()
    path = max(words.hypernym_paths("n02099601"), key=len)
    names = [words.name(wnid) for wnid in path]
    names = names[names.index("mammal") :]
    other = next(words.name(wnid) for wnid in words.parents("n02084071") if words.name(wnid) not in names)
    ax.set(xlim=(0, 1), ylim=(len(names) - 0.4, -0.6))
    ax.set_axis_off()
    x = np.linspace(0.2, 0.46, len(names))
    dog = names.index("dog")
    side = (0.8, dog - 1.0)
    links = [((x[row], row), (x[row + 1], row + 1)) for row in range(len(names) - 1)] + [
        (side, (x[dog], dog))
    ]
    for (x0, y0), (x1, y1) in links:
        curve = Outline([(x0, y0), (x0, y0 + 0.6), (x1, y1 - 0.6), (x1, y1)], [1, 4, 4, 4])
        ax.add_patch(PathPatch(curve, fill=False, edgecolor=SOFT, linewidth=1.6, zorder=1))
    for row, name in enumerate(names):
        last = row == len(names) - 1
        pill(ax, x[row], row, name, face=COLOURS["orange"] if last else "white", bold=last)
    pill(ax, *side, other, face="white", bold=False)


def pill(ax: Axes, x: float, y: float, name: str, *, face: str, bold: bool) -> None:
    """One word in a rounded box."""
    box = {"boxstyle": "round,pad=0.42", "facecolor": face, "edgecolor": SOFT, "linewidth": 1.1}
    ax.text(x, y, name, ha="center", va="center", fontsize=13, color=INK, bbox=box, zorder=2,
            fontweight="bold" if bold else "normal")  # fmt: skip


def main() -> None:
    """Write the picture. The same versions of everything give the same bytes."""
    mpl.rcParams["svg.hashsalt"] = "one dog, two views"
    fig = plt.figure(figsize=(12, 5.9))
    look = {
        "facecolor": PAPER,
        "edgecolor": "#D8D4C8",
        "linewidth": 1,
        "mutation_aspect": 12 / 5.9,
        "zorder": -1,
    }
    shape = "round,pad=0,rounding_size=0.02"
    card = FancyBboxPatch((0.003, 0.006), 0.994, 0.988, boxstyle=shape, transform=fig.transFigure, **look)
    fig.add_artist(card)
    paint_words(fig.add_axes((0.02, 0.04, 0.37, 0.79)))
    paint_scene(fig.add_axes((0.405, 0.06, 0.575, 0.775), anchor="W"))
    for x, head, tail in (
        (0.035, "ImageNet", "one label, from WordNet"),
        (0.405, "COCO", "every object, and where it is"),
    ):
        text = fig.text(x, 0.905, head, fontsize=19, fontweight="bold", color=INK)
        fig.canvas.draw()
        right = text.get_window_extent().x1 / fig.bbox.width
        fig.text(right + 0.012, 0.905, tail, fontsize=14.5, color="#56616C")
    fig.savefig(TARGET, transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(fig)
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
