"""Darknet's description of a network (.cfg): a list of sections, one per layer, from input to output."""

from __future__ import annotations

from dataclasses import dataclass, field

from synscenes.errors import CourseError

# No layer is so large; beyond it, whole numbers no longer fit where torch keeps them.
LARGEST = 2**31


@dataclass
class Section:
    """One ``[kind]`` of a description with its ``key = value`` lines, still as text; ``line`` is where it starts."""

    kind: str
    line: int
    options: dict[str, str] = field(default_factory=dict)

    def integer(self, key: str, default: int | None = None) -> int:
        """Return a whole number; raises CourseError when it's missing (without a default) or isn't one."""
        numbers = self.numbers(key, None if default is None else [default])
        if len(numbers) != 1 or not abs(numbers[0]) < LARGEST or numbers[0] != int(numbers[0]):
            raise CourseError(f"line {self.line}, [{self.kind}]: {key} must be one whole number, not {numbers}.")
        return int(numbers[0])

    def numbers(self, key: str, default: list[float] | None = None) -> list[float]:
        """Return a list of numbers written with commas; raises CourseError as ``integer`` does."""
        if key not in self.options:
            if default is None:
                raise CourseError(f"line {self.line}, [{self.kind}] has no {key}: is the description whole?")
            return default
        try:
            return [float(part) for part in self.options[key].split(",") if part.strip()]
        except ValueError:
            text = self.options[key]
            raise CourseError(f"line {self.line}, [{self.kind}]: {key} = {text!r} isn't a number.") from None


def parse(text: str) -> list[Section]:
    """Return the sections of a Darknet description, the first of which is ``[net]``.

    Raises CourseError, with the line, for text that isn't such a description.
    """
    sections: list[Section] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.split("#")[0].split(";")[0].strip()
        if not line:
            continue
        if line.startswith("["):
            if not line.endswith("]"):
                raise CourseError(f"line {number}: {raw.strip()[:40]!r} begins a section but has no closing bracket.")
            sections.append(Section(line[1:-1].strip(), number))
        elif "=" in line and sections:
            key, value = line.split("=", 1)
            sections[-1].options[key.strip()] = value.strip()
        else:
            raise CourseError(f"line {number}: {raw.strip()[:40]!r} is neither [section] nor key = value.")
    if not sections or sections[0].kind not in ("net", "network"):
        raise CourseError("A Darknet description begins with [net]: this text doesn't.")
    if len(sections) == 1:
        raise CourseError("The description has a [net] but no layer: is the file whole?")
    return sections
