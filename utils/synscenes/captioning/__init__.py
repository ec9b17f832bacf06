"""Image captioning on a laptop: vocabulary, kept features, three decoders, training and decoding.

Nothing heavy is imported here. ``vocabulary`` turns captions into numbers, ``data`` pairs them with images,
``features`` keeps what a pretrained network sees, ``models`` holds the decoders, ``training`` trains them,
``decoding`` lets them speak; ``baselines``, ``scoring``, ``diversity`` and ``hallucination`` judge what they say.
"""
