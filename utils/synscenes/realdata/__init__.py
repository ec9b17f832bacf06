"""Real data: the official COCO from its official hosts, and ImageNet from a copy that you have a right to.

``python -m synscenes data get coco --tier sample`` brings about two hundred photographs of COCO's val2017 with all
their annotations; ``--tier full`` brings all of it. Nothing is ever half-written, what stopped goes on where it
stopped, and each file is checked: by its length, by a CRC or a published hash, and then by the sha256 in a ledger.

``sources`` says what lies where, ``transport`` and ``fetching`` get whole files, ``ranges`` gets parts of a file,
``zips`` takes members out of archives, ``ledger`` remembers what was checked.
"""
