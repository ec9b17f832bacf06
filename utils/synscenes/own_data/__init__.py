"""A dataset of one's own: where it lies, reviewing it, splitting it, describing it.

``place``: the folder and first photographs · ``hurried``: a set annotated in a hurry, every mistake known · ``review``:
annotations to look at again · ``bursts``: photographs that are almost the same, and fair splits · ``datasheet``: what
a stranger must be told. Each module is imported by its name; nothing is loaded here.
"""
