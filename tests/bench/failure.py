"""The one exception of the benchmarks: something that the reader of the message can act on."""


class Failure(Exception):
    """Its text is the reason, as it is shown after "bench: ". `log` is what to show before that."""

    def __init__(self, reason: str, log: str = ""):
        super().__init__(reason)
        self.log = log
