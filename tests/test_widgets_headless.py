"""Every control of every widget, moved as a browser would move it: nothing raises, and the figure follows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets
import pytest
from ipywidgets.widgets.widget import CallbackDispatcher

import widget_gallery
from synscenes.annotator.widget import SCRIPT

PANELS = sorted(name for name in widget_gallery.MAKE if name != "Annotator")
WORDS = ("dog", "n02123045", "no such word", "")


@pytest.fixture
def loud(monkeypatch) -> None:
    """ipywidgets prints what a button's callback raises and goes on; here it reaches the test."""

    def call(self: CallbackDispatcher, *args: Any, **kwargs: Any) -> Any:
        return [callback(*args, **kwargs) for callback in self.callbacks]

    monkeypatch.setattr(CallbackDispatcher, "__call__", call)


def parts(widget: Any) -> Iterator[Any]:
    """The widget and all inside it, in the order they are shown."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


def name_of(control: Any) -> str:
    """What identifies a control for a person: its kind and its words, without a state that changes."""
    words = re.sub(r"^[▸▾] ?", "fold ", control.description or getattr(control, "placeholder", ""))
    return f"{type(control).__name__} {words} {getattr(control, 'tooltip', '') or ''}".strip()


def states(control: Any) -> list[dict[str, Any]] | None:
    """What a browser might send for this control; None for what is not a control."""
    match control:
        case ipywidgets.Checkbox() | ipywidgets.ToggleButton():
            return [{"value": not control.value}, {"value": control.value}]
        case ipywidgets.SelectMultiple():
            places = range(len(control.options))
            return [{"index": list(chosen)} for chosen in ([0], [0, 1], list(places), [places[-1]], [])]
        case ipywidgets.Dropdown() | ipywidgets.SelectionSlider() | ipywidgets.Select() | ipywidgets.ToggleButtons():
            last = len(control.options) - 1
            return [{"index": place} for place in dict.fromkeys((last, last // 2, min(1, last), 0))]
        case ipywidgets.IntSlider() | ipywidgets.FloatSlider():
            middle = (control.min + control.max) / 2
            middle = int(middle) if isinstance(control, ipywidgets.IntSlider) else middle
            return [{"value": value} for value in (control.min, control.max, middle)]
        case ipywidgets.Text() | ipywidgets.Textarea():
            return [{"value": word} for word in WORDS]
        case _:
            return None


def deeds(control: Any) -> list[Callable[[], None]]:
    """The ways to use a control, each as a call that goes the way of a message from the browser."""
    if isinstance(control, ipywidgets.Button):
        return [lambda: control._handle_custom_msg({"event": "click"}, [])]
    return [lambda state=state: control.set_state(state) for state in states(control) or ()]


def face(widget: Any) -> str:
    """All that a person sees, apart from the controls' own values."""
    shown = []
    for part in parts(widget):
        if isinstance(part, ipywidgets.HTML):
            shown.append(f"{part.value} {part._dom_classes}")
        elif isinstance(part, (ipywidgets.Button, ipywidgets.Label)):
            shown.append(part.description if isinstance(part, ipywidgets.Button) else part.value)
    return "\n".join(shown)


def use_everything(widget: Any) -> dict[str, bool]:
    """Use each control in order, then in reverse; return for each whether what is shown ever changed."""
    moved: dict[str, bool] = {}
    for order in (list, lambda names: list(reversed(names))):
        names = [name_of(part) for part in parts(widget) if deeds(part)]
        for name in dict.fromkeys(order(names)):
            for number in range(len(WORDS) + 1):
                # A widget may rebuild its controls: look for this one anew each time.
                control = next((part for part in parts(widget) if deeds(part) and name_of(part) == name), None)
                if control is None or number >= len(deeds(control)):
                    break
                before = face(widget)
                deeds(control)[number]()
                moved[name] = moved.get(name, False) or face(widget) != before
    return moved


def test_every_widget_of_the_package_is_in_the_gallery() -> None:
    found = widget_gallery.classes()
    assert found.keys() == widget_gallery.MAKE.keys()
    assert len(found) >= 12


@pytest.mark.parametrize("name", PANELS)
def test_every_control_moves_the_figure_and_raises_nothing(name: str, loud: None) -> None:
    widget = widget_gallery.make(name)
    moved = use_everything(widget)
    assert len(moved) >= 2
    assert [control for control, changed in moved.items() if not changed] == []
    # Its display, from the state it is now in, carries the live widget and the twin.
    bundle = widget._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"} <= bundle.keys()


def test_a_callback_that_raises_is_noticed(loud: None) -> None:
    """The proof that the tests above would see a broken callback, of a button and of a value."""
    button, box = ipywidgets.Button(description="x"), ipywidgets.Checkbox(False, description="y")
    button.on_click(lambda _: 1 / 0)
    box.observe(lambda _: 1 / 0, names="value")
    for broken in (button, box):
        with pytest.raises(ZeroDivisionError):
            use_everything(ipywidgets.VBox([broken]))


def test_a_control_that_moves_nothing_is_noticed() -> None:
    panel = ipywidgets.VBox([ipywidgets.Checkbox(False, description="dead"), ipywidgets.HTML("still")])
    assert use_everything(panel) == {"Checkbox dead": False}


def test_the_annotator_does_all_that_its_browser_half_can_ask() -> None:
    annotator = widget_gallery.make("Annotator")
    joints = [[60.0, 40.0, 2]] * 10 + [[0, 0, 0]] * 7
    steps = [
        {"do": "add", "image_id": 1, "category_id": 1, "points": [[20, 10], [90, 120]], "kind": "box"},
        {"do": "add", "image_id": 1, "category_id": 18, "points": [[5, 5], [50, 9], [30, 60]], "kind": "polygon"},
        {"do": "joints", "id": 1, "joints": joints},
        {"do": "rename", "id": 2, "category_id": 44},
        {"do": "remove", "id": 2},
        {"do": "undo"},
        {"do": "turn", "place": 1},
        {"do": "turn", "place": 0},
    ]
    for step in steps:
        before = (annotator.shapes, annotator.view)
        annotator._handle_custom_msg({**step, "token": str(step)}, [])
        assert "problem" not in annotator.answer and annotator.answer["token"] == str(step), annotator.answer
        assert (annotator.shapes, annotator.view) != before, step
    asked = set(re.findall(r'\bdo: "(\w+)"', SCRIPT.read_text(encoding="utf-8")))
    assert asked == {step["do"] for step in steps}
