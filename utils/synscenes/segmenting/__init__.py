"""A small panoptic network on a frozen, pretrained backbone, and Mask R-CNN behind the same call.

One light head says for every pixel what it is (semantic), where centres of things are (heat) and where a pixel's own
centre lies (offset); grouping turns these into segments. After Cheng et al. 2020, "Panoptic-DeepLab".
"""
