"""Using the hierarchy: cheaper mistakes, answers at the right level, and classes nobody trained on.

Lesson 08 teaches these. Arrays in, arrays out; a :class:`synscenes.wordnet.Taxonomy` knows which class lies below
which node. ``probabilities`` are (n, classes), rows that add up to 1.

- ``subtrees``: the probability of a node is that of the classes below it; accuracy from coarse to fine
- ``decisions``: conditional risk minimisation, the answer with the least expected cost
- ``hedging``: the most specific answer that is probable enough
- ``losses`` and ``heads``: hierarchical cross-entropy, soft labels, and a linear classifier to train with them
- ``prototypes``: nearest class mean from a few photographs
- ``zeroshot`` and ``glove``: classes without photographs, from word vectors or from WordNet
- ``small_study``: the photographs, logits and features that the lesson measures all this on
"""

from __future__ import annotations
