"""WordNet's nouns as ImageNet uses them: our own fast reader, similarity matrices, and NLTK's reader to compare.

>>> from synscenes import wordnet
>>> wn = wordnet.load()
>>> wn.synset("n02084071").name
'dog.n.01'

Source: Princeton WordNet 3.0 (Fellbaum 1998; https://wordnet.princeton.edu), file format wndb(5WN).
"""

from __future__ import annotations

from synscenes.wordnet.database import BadWnid, Synset, UnknownSynset, WordNet, load
from synscenes.wordnet.nltk_reader import nltk_information_content, nltk_wordnet
from synscenes.wordnet.taxonomy import FAR, Taxonomy

__all__ = [
    "FAR",
    "BadWnid",
    "Synset",
    "Taxonomy",
    "UnknownSynset",
    "WordNet",
    "load",
    "nltk_information_content",
    "nltk_wordnet",
]
