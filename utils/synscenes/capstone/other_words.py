"""The other words of the sealed contest, so that learning lesson 15's list by heart helps nobody.

Words for words, and what is said stays true, as in ``synscenes.metrics.captions.corrupting.OTHER_WORDS``. If you are
building a metric, stop here: you are reading the answers.
"""

from __future__ import annotations

SEALED_WORDS = {
    "a person": "somebody", "two people": "two humans", "people": "humans", "person": "human", "a child": "a toddler",
    "a kid": "a toddler", "children": "youths", "kids": "youths", "car": "motorcar", "cars": "motorcars",
    "airplane": "aeroplane", "plane": "aeroplane", "airplanes": "aeroplanes", "planes": "aeroplanes",
    "bicycle": "cycle", "bike": "cycle", "boat": "watercraft", "boats": "watercraft", "couch": "lounge seat",
    "sofa": "lounge seat", "television": "telly", "tv": "telly", "refrigerator": "cooling box", "dog": "canine",
    "dogs": "canines", "bird": "winged creature", "birds": "winged creatures", "cell phone": "cellular telephone",
    "phone": "telephone", "two": "a couple of", "next to": "at the side of", "beside": "adjacent to",
    "near": "not far from", "behind": "in back of", "there is": "we see", "there are": "we see",
    "with": "together with", "street": "road", "kitchen": "cookery", "truck": "lorry", "trucks": "lorries",
    "horse": "equine", "horses": "equines", "cow": "bovine", "cows": "bovines", "cat": "feline", "cats": "felines",
    "red": "scarlet", "blue": "azure", "suitcase": "travelling bag", "backpack": "rucksack", "clock": "timepiece",
    "book": "volume", "bottle": "flask", "cup": "mug", "cake": "gateau", "train": "railway train", "bus": "motorcoach",
    "motorcycle": "motorbike", "is riding": "is astride", "rides": "sits astride", "is holding": "grips",
    "holds": "grips", "several": "numerous", "some": "various",
}  # fmt: skip
