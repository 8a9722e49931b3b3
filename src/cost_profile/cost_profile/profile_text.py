"""The profile as text: thesis table 5.2, the predictions, and the cost table that virtual time reads."""

from collections.abc import Sequence
from dataclasses import asdict

from cost_profile.prediction import Prediction, total_ms
from run_reading.costs import Costs

ROWS = {
    'action_ms': 'Action computation',
    'sampling_ms': 'Replay buffer sampling',
    'gradient_ms': 'Gradient update',
    'environment_ms': 'Environment computation',
}


def table(costs: dict[str, Costs]) -> str:
    """Returns thesis table 5.2 of some settings."""
    widths = {name: max(len(name), 10) for name in costs}
    lines = [' ' * 26 + '  '.join(f'{name:>{widths[name]}}' for name in costs)]
    for key, title in ROWS.items():
        cells = (f'{f"{getattr(cost, key):.2f} ms":>{widths[name]}}' for name, cost in costs.items())
        lines.append(f'{title:26}' + '  '.join(cells))
    cells = (f'{f"{total_ms(cost):.2f} ms":>{widths[name]}}' for name, cost in costs.items())
    lines.append(f'{"Total":26}' + '  '.join(cells))
    return '\n'.join(lines)


def predictions(name: str, found: Sequence[Prediction], updates_per_step: float, planned_ms: float) -> str:
    """Returns what a setting can hold, a line for each architecture."""
    plural = '' if updates_per_step == 1 else 's'
    limit = (
        f'at most {updates_per_step:g} update{plural} per step' if updates_per_step else 'updates unlimited'
    )
    lines = [f'{name}: action cycle {planned_ms:g} ms, {limit}']
    for each in found:
        per_step = 1e-3 * each.cycle_ms * each.updates_per_s
        short = ', fewer updates than allowed' if per_step < 0.995 * updates_per_step else ''
        verdict = f'fits{short}' if each.fits else f'does not fit in {planned_ms:g} ms'
        lines.append(
            f'  {each.architecture:12} cycle {each.cycle_ms:4.0f} ms, '
            f'{each.updates_per_s:6.1f} updates/s, {per_step:6.2f} per step: {verdict}'
        )
    return '\n'.join(lines)


def cost_table(costs: dict[str, Costs], comment: str) -> str:
    """Returns the YAML of a cost table (`run_reading.costs.load_costs`) under a comment of one line."""
    lines = [f'# {comment}']
    for name, cost in costs.items():
        values = ', '.join(f'{key}: {value:.3f}' for key, value in asdict(cost).items())
        lines.append(f'{name}: {{{values}}}')
    return '\n'.join(lines) + '\n'
