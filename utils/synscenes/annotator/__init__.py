"""Annotating in the notebook: boxes, outlines and joints, saved after every stroke as a COCO file.

``book.Book`` is the file under work and knows nothing of browsers; ``widget.Annotator`` draws it and passes strokes on.
"""
