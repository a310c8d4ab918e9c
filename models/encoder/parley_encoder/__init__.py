"""The sentence encoder that the bot and the services share.

    encoder = Encoder.load(Path("models/artifacts/encoder"))
    vectors = encoder.encode(["a light laptop", "noise cancelling headphones"])  # float32 (2, 384), unit length

Errors::

    EncoderError
    ├── ArtifactMissing      a file isn't there: the message says how to build it
    └── ArtifactCorrupt      a file isn't what the manifest says, or the manifest is unreadable
"""

from parley_encoder.adapted import AdaptedEncoder, Reading
from parley_encoder.encoder import Encoder
from parley_encoder.errors import ArtifactCorrupt, ArtifactMissing, EncoderError
from parley_encoder.manifest import Manifest

__all__ = [
    "AdaptedEncoder",
    "ArtifactCorrupt",
    "ArtifactMissing",
    "Encoder",
    "EncoderError",
    "Manifest",
    "Reading",
]
