"""ILSVRC as it lies on disk: a reader of the official tree, and the course's small tree in the same layout.

>>> from synscenes import ilsvrc
>>> tree = ilsvrc.load(ilsvrc.write_micro(folder))
>>> record = tree.val()[0]
>>> record.path, record.wnid, record.label, record.boxes()

Two layouts are read. The one of the Kaggle archive (the object localisation challenge)::

    LOC_synset_mapping.txt                        wnid and words of the 1,000 classes
    LOC_val_solution.csv                          the truth of val/, with boxes
    ILSVRC/Data/CLS-LOC/train/<wnid>/*.JPEG       the folder is the label
    ILSVRC/Data/CLS-LOC/val/*.JPEG                50,000 images in one folder
    ILSVRC/Data/CLS-LOC/test/*.JPEG               no truth is published
    ILSVRC/Annotations/CLS-LOC/{train/<wnid>,val}/*.xml     boxes
    ILSVRC/ImageSets/CLS-LOC/{train_cls,val,test}.txt       what should be there

and the one that torchvision's ``ImageNet`` makes of the original archives: ``train/<wnid>``, ``val/<wnid>`` (or a flat
``val``), and ``ILSVRC2012_devkit_t12/data`` with ``meta.mat`` and ``ILSVRC2012_validation_ground_truth.txt``.
``data get imagenet`` writes the latter, or an index by which the original archives are read as they are;
``find("full")`` finds both.
"""

from __future__ import annotations

from synscenes.ilsvrc.annotations import Annotation, Box, read_annotation
from synscenes.ilsvrc.folders import find
from synscenes.ilsvrc.micro import write_micro
from synscenes.ilsvrc.tree import Record, Tree, load

__all__ = ["Annotation", "Box", "Record", "Tree", "find", "load", "read_annotation", "write_micro"]
