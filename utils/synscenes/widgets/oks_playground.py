"""A person's joints to move about, and what object keypoint similarity says to it."""

from __future__ import annotations

import base64
import html
import io
import json
from importlib import resources
from typing import Any

import ipywidgets as widgets
import numpy as np

from synscenes.keypoints.checking import check_inside, check_joints
from synscenes.keypoints.flips import PARTNER
from synscenes.keypoints.joints import NAMES, SIGMAS, SKELETON
from synscenes.keypoints.oks import joint_similarities, person_oks, tolerance
from synscenes.lesson.style import COLOURS
from synscenes.lesson.widgets import TwinWidget

_COLOUR = COLOURS["blue"]


class OKSPlayground(TwinWidget):
    """Move a joint (choose it, then two sliders or the arrow keys on them) and watch OKS.

    ``image``: PIL; ``joints``: (17, 3) of x, y, v in its pixels; ``area``: the outline's, square pixels. The
    annotation stays as rings; the circle is how far the chosen joint may be off for its own similarity to be 0.5.
    ``choose``, ``move``, ``exchange`` and ``reset`` do what the controls do. Raises CourseError for joints that can't
    be right, ValueError for an area that isn't positive or a person without labelled joints.
    """

    def __init__(self, image: Any, joints: Any, area: float, chosen: str = "left_hip") -> None:
        self.truth = check_joints(joints)
        check_inside(self.truth, image.width, image.height)
        self.labelled = np.flatnonzero(self.truth[:, 2] > 0)
        if not len(self.labelled) or not area > 0:
            raise ValueError("the playground needs a labelled joint and a positive area")
        self.area, self.size, self._jpeg = float(area), image.size, _jpeg(image)
        self.joints = self.truth.copy()
        names = [NAMES[place] for place in self.labelled]
        style = {"description_width": "4em"}
        self._joint = widgets.Dropdown(
            options=[(name.replace("_", " "), name) for name in names], description="Joint", style=style
        )
        look = {"min": 0, "step": 1, "style": style, "readout_format": ".0f"}
        self._x = widgets.FloatSlider(max=image.width, description="x", **look)
        self._y = widgets.FloatSlider(max=image.height, description="y", **look)
        self._exchange = widgets.Button(description="Exchange all left and right", layout={"width": "auto"})
        self._reset = widgets.Button(description="Back to the annotation", layout={"width": "auto"})
        self._view, self._told = widgets.HTML(), widgets.HTML()
        controls = [self._joint, self._x, self._y, widgets.HBox([self._exchange, self._reset])]
        super().__init__([*controls, self._told, self._view])
        self._quiet = False
        self.choose(chosen if chosen in names else names[0])
        self._joint.observe(lambda change: self.choose(change["new"]), names="value")
        for slider in (self._x, self._y):
            slider.observe(lambda _: None if self._quiet else self.move(self._x.value, self._y.value), names="value")
        self._exchange.on_click(lambda _: self.exchange())
        self._reset.on_click(lambda _: self.reset())

    @property
    def chosen(self) -> str:
        """The name of the joint that the sliders move."""
        return self._joint.value

    @property
    def oks(self) -> float:
        """The similarity of the person as the joints now are."""
        return float(person_oks(self.joints[None], self.truth[None], [self.area])[0])

    @property
    def similarity(self) -> float:
        """The chosen joint's own similarity."""
        return float(joint_similarities(self.joints, self.truth, self.area)[NAMES.index(self.chosen)])

    def choose(self, name: str) -> None:
        """Give the sliders another joint. Raises ValueError for one that isn't labelled."""
        if name not in [NAMES[place] for place in self.labelled]:
            raise ValueError(f"{name!r} is not a labelled joint of this person")
        self._joint.value = name
        self._refresh()

    def move(self, x: float, y: float) -> None:
        """Put the chosen joint at x, y; places outside of the picture become its edge."""
        place = np.clip([x, y], 0, self.size)
        self.joints[NAMES.index(self.chosen), :2] = place
        self._refresh()

    def exchange(self) -> None:
        """Exchange left and right: what a network does that mistakes a back for a front."""
        moved = self.joints[PARTNER]
        both = (self.truth[:, 2] > 0) & (self.truth[PARTNER, 2] > 0)
        self.joints[both, :2] = moved[both, :2]
        self._refresh()

    def reset(self) -> None:
        """Put every joint back to where it was annotated."""
        self.joints = self.truth.copy()
        self._refresh()

    def twin_html(self) -> str:
        """Return the static twin: the joints can be dragged, or moved with the arrow keys."""
        template = resources.files("synscenes").joinpath("data/oks_twin.html").read_text("utf-8")
        data = {
            "width": self.size[0],
            "height": self.size[1],
            "image": f"data:image/jpeg;base64,{self._jpeg}",
            "names": [name.replace("_", " ") for name in NAMES],
            "truth": self.truth.tolist(),
            "joints": self.joints[:, :2].tolist(),
            "partner": PARTNER.tolist(),
            "skeleton": SKELETON,
            "sigmas": SIGMAS.tolist(),
            "area": self.area,
            "chosen": NAMES.index(self.chosen),
        }
        # "</" would end the script element that holds the data.
        packed = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        return template.replace("__DATA__", packed)

    def _refresh(self) -> None:
        self._quiet = True  # The sliders follow; they mustn't move the joint themselves.
        self._x.value, self._y.value = self.joints[NAMES.index(self.chosen), :2].tolist()
        self._quiet = False
        self._told.value = html.escape(self.describe())
        self._view.value = self._svg()

    def describe(self) -> str:
        """Return what the widget says below the controls."""
        place = NAMES.index(self.chosen)
        off = float(np.hypot(*(self.joints - self.truth)[place, :2]))
        allowed = tolerance(0.5, self.area)[place]
        name = self.chosen.replace("_", " ")
        return (
            f"OKS {self.oks:.3f}. The {name} is {off:.1f} pixels off and has similarity {self.similarity:.2f}; "
            f"{allowed:.1f} pixels would give 0.5. It is one of {len(self.labelled)} labelled joints."
        )

    def _svg(self) -> str:
        place, radius = NAMES.index(self.chosen), max(self.size) / 90
        parts = [
            _line(self.joints[start], self.joints[end], radius)
            for start, end in SKELETON
            if self.truth[start, 2] and self.truth[end, 2]
        ]
        allowed = tolerance(0.5, self.area)[place]
        parts.append(_circle(self.truth[place], allowed, f'fill="white" fill-opacity=".35" stroke="{_COLOUR}"'))
        for joint in self.labelled:
            parts.append(_circle(self.truth[joint], 0.7 * radius, 'fill="none" stroke="black"'))
            title = f"<title>{NAMES[joint].replace('_', ' ')}</title>"
            look = f'fill="{_COLOUR if joint == place else "white"}" stroke="{_COLOUR}" stroke-width="{radius / 3:.1f}"'
            parts.append(_circle(self.joints[joint], radius, look, title))
        width, height = self.size
        return (
            f'<svg viewBox="0 0 {width} {height}" style="width: 100%; max-width: 460px" role="img" '
            f'aria-label="{html.escape(self.describe(), quote=True)}">'
            f'<image href="data:image/jpeg;base64,{self._jpeg}" width="{width}" height="{height}"/>'
            f"{''.join(parts)}</svg>"
        )


def _line(start: np.ndarray, end: np.ndarray, radius: float) -> str:
    ends = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
    return (
        f'<line {ends} stroke="white" stroke-width="{0.9 * radius:.1f}"/>'
        f'<line {ends} stroke="{_COLOUR}" stroke-width="{0.5 * radius:.1f}"/>'
    )


def _circle(centre: np.ndarray, radius: float, look: str, inside: str = "") -> str:
    return f'<circle cx="{centre[0]:.1f}" cy="{centre[1]:.1f}" r="{radius:.1f}" {look}>{inside}</circle>'


def _jpeg(image: Any) -> str:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, format="JPEG", quality=80)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
