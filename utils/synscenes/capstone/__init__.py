"""The capstone's three projects: a better small detector, a caption metric, a label audit.

``sealed`` makes the data that judge, which nobody looks at while building. ``detector``, ``metric`` and ``audit`` hold
a project each: its starter, its measure. ``model_recipe``, ``model_metric`` and ``model_audit`` are the course's own
answers. ``rubric`` says what counts, ``selfcheck`` fills it in, ``report`` makes the page, ``looks`` counts how often
the sealed data were asked.
"""
