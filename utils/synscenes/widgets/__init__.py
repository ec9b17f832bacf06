"""The course's widgets, each with a static twin."""
