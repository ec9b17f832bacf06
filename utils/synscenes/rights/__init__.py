"""May I use this? Licences, decisions that name their rules, privacy, and what to write down for the next user.

None of it is legal advice. ``licences`` reads Creative Commons licences and COCO's list; ``decision`` answers for a
stated use from the table in ``data/rights.toml``; ``photos`` counts and filters the licences of a COCO file;
``assets`` reads the licences of what the course fetches. ``heads`` and ``metadata`` hide people and places;
``effects`` measures what that costs a detector, and what it hides; ``mentions`` counts who is said to do what;
``model_card`` and ``measuring`` write down what a model is for and how well it does for whom; ``benchmarks`` lists
related data sets.
"""
