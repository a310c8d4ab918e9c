"""What can be wrong with a stored index.

    IndexUnusable
    ├── IndexMissing    nothing is stored there
    ├── IndexStale      another encoder or another format made it
    └── IndexCorrupt    a file is damaged or missing

Each is answered by building the index anew from the catalogue.
"""


class IndexUnusable(Exception):
    """Root: the stored index can't serve; build it anew."""


class IndexMissing(IndexUnusable):
    """Nothing is stored there."""


class IndexStale(IndexUnusable):
    """Another encoder or another format made it."""


class IndexCorrupt(IndexUnusable):
    """A file of it is damaged or missing."""
