"""Words for figures of a run."""


def minutes(seconds: float) -> str:
    """Returns a duration as m:ss."""
    whole = int(seconds)
    return f'{whole // 60}:{whole % 60:02d}'
