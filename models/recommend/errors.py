"""What can be wrong with a stored recommendation model.

    ModelUnusable
    ├── ModelMissing    nothing is stored there
    └── ModelCorrupt    a file is damaged, or of another format

Each is answered by learning the model anew from the orders.
"""


class ModelUnusable(Exception):
    """Root: the stored model can't serve; learn it anew."""


class ModelMissing(ModelUnusable):
    """Nothing is stored there."""


class ModelCorrupt(ModelUnusable):
    """A file of it is damaged, or of another format."""
