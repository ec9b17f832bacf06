"""One scene, as micro-COCO's scene graphs are written, and three true captions of it: lesson 15 plays with them."""

from __future__ import annotations

RIDER = {
    "objects": [
        {
            "annotation_id": 1,
            "category": "person",
            "count": 1,
            "color": None,
            "depth": 5.0,
            "attributes": {"top": "red"},
        },
        {"annotation_id": 2, "category": "bicycle", "count": 1, "color": "blue", "depth": 5.1, "attributes": {}},
        {"annotation_id": 3, "category": "dog", "count": 1, "color": "black", "depth": 4.0, "attributes": {}},
        {"annotation_id": 4, "category": "dog", "count": 1, "color": "white", "depth": 4.5, "attributes": {}},
    ],
    "relations": [{"subject": 1, "predicate": "riding", "object": 2}],
}
RIDER_CAPTIONS = [
    "A person in a red shirt rides a blue bicycle near two dogs.",
    "A person is riding a bicycle near two dogs in a park.",
    "Two dogs and a person on a bicycle in a park.",
]
