"""The configurations of a setting, for benchmarks."""

from typing import Any

from cost_profile import setting


def configuration(config_type: type, name: str, **further: Any) -> Any:
    """Returns what `cost_profile.setting.configuration` does; SystemExit where there is no such setting."""
    try:
        return setting.configuration(config_type, name, **further)
    except (ValueError, OSError) as error:
        raise SystemExit(f'error: {error}') from None
