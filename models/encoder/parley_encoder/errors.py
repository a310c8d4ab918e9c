"""What can be wrong with the encoder's files. Each message says what to do about it."""

BUILD_COMMAND = "make train"


class EncoderError(Exception):
    """Root of this package's errors."""


class ArtifactMissing(EncoderError):
    """The encoder, or a part of it, has not been built."""

    def __init__(self, path: object) -> None:
        super().__init__(
            f"The sentence encoder is not built: {path} is missing. Build it with `{BUILD_COMMAND}`."
        )


class ArtifactCorrupt(EncoderError):
    """A file differs from what the manifest promises, for example after an interrupted copy."""

    def __init__(self, path: object, problem: str) -> None:
        super().__init__(
            f"The sentence encoder is damaged: {path} {problem}. Build it anew with `{BUILD_COMMAND}`."
        )
