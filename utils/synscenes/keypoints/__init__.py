"""Human joints: what COCO marks, how it is scored, and a small network that finds them.

``joints`` names them; ``checking`` and ``people`` read annotations; ``oks`` and ``pck`` score; ``crops``, ``heatmaps``
and ``flips`` turn joints into pictures and back; ``network``, ``training`` and ``evaluation`` learn and measure;
``errors`` says what kind of mistake it was; ``real`` and ``rcnn`` bring real persons and torchvision's Keypoint R-CNN.
"""
