"""Annotators who disagree: simulating them, merging their votes, measuring agreement, finding wrong labels.

``votes``: who answered what · ``simulation``: annotators whose mistakes follow WordNet · ``majority``: most
votes win · ``consensus``: how many votes are enough (Deng et al. 2009) · ``dawid_skene``: how good is each
annotator · ``agreement``: kappa and alpha · ``confident``: labels that a model doubts · ``real_labels``:
ImageNet's second look. Each module is imported by its name; nothing is loaded here.
"""
