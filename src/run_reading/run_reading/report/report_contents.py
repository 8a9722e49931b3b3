"""What stands on the page of a run: facts in words, in tables and under pictures."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from run_reading import identity, outcome
from run_reading.report import flow, report_figures
from run_reading.report.facts import COUNTED, SHOWN, Facts
from run_reading.report.page import Folded, Part, Picture, Section, Table, Words
from run_reading.timing import deviation
from run_reading.wording import minutes
from ur5_rl_graph.pictures import attempt

LATE = 0.01
"""Share of late actions from which on the page warns."""
STEADY = 0.99
"""Share of the cycles within 2 ms below which it warns (the thesis' plan held by a run)."""
SAVED_S = 1.0
"""Time between two notes of a run's time: of so much a recorder that died knows nothing."""
PRINTED = 'on the terminal of the launch, which ros2 from PyPI also keeps in ~/.ros/log/<launch>/launch.log'
_UNKNOWN = 'not known'


def sections(facts: Facts) -> tuple[list[Section], list[str]]:
    """Returns the sections of a run's page, and a line for each picture that could not be drawn."""
    gallery = Gallery()
    found = [
        Section('At a glance', glance(facts)),
        Section('What ran where', [_identity(facts), *_origins(facts)]),
        Section('Learning', _learning(facts, gallery)),
        Section('Timing against the plan', _timing(facts, gallery)),
        Section('What was lost or dropped', lost(facts)),
        Section('Who worked when', _flow(facts, gallery)),
        Section('Configuration', _configuration(facts)),
    ]
    return found, gallery.failures


class Gallery:
    """Draws pictures for a page, each in a file that is gone afterwards."""

    def __init__(self) -> None:
        """Starts without failures."""
        self.failures: list[str] = []

    def picture(self, caption: str, draw: Callable[..., None], *values: object) -> Part:
        """Returns a picture, or the line that says why there is none."""
        with TemporaryDirectory(prefix='report_') as folder:
            path = Path(folder) / f'{draw.__name__}.png'
            failure = attempt(draw, path, *values)
            if not failure:
                return Picture(caption, path.read_bytes())
        told = failure.replace(str(path), draw.__name__.replace('_', ' '))
        self.failures.append(told)
        return Words(told, warning=True)


def glance(facts: Facts) -> list[Part]:
    """Returns the essence: what became of the run, and a warning for all that a person should look at."""
    warnings: list[Part] = [Words(text, warning=True) for text in _warnings(facts)]
    if not facts.acted:
        return warnings
    _, returns, random = facts.episodes
    learned = returns[~random][-outcome.LAST :]
    told = [f'{facts.summary[name]} {name}' for name in ('steps', 'updates') if name in facts.summary]
    text = ', '.join([f'{len(returns)} episodes', *told])
    if isinstance(elapsed := facts.summary.get('elapsed_s'), float | int):
        text += f', {minutes(elapsed)} after the random steps'
    rows = [('run', text)]
    if len(learned):
        rows.append((f'return of the last {len(learned)} episodes', _mean_sd(learned)))
    if random.any():
        rows.append((f'return of the {random.sum()} random episodes', _mean_sd(returns[random])))
    if facts.evaluation:
        over = f'{len(facts.evaluation)} episodes'
        rows.append(('evaluation without noise', f'{_mean_sd(facts.evaluation)} over {over}'))
    return [Table((), rows), *(warnings or [Words(_well(facts))])]


def _well(facts: Facts) -> str:
    """What is said where nothing is to be warned of: no more than is known."""
    told = ['Nothing was lost' if 'lost' in facts.summary else 'What was lost is not known']
    if facts.cycles.summary is None:
        told.append('the action cycle is not known')
    elif math.isnan(facts.planned_ms):
        told.append('the plan of the action cycle is not known')
    else:
        told.append('the action cycle was held')
    return f'{", and ".join(told)}.'


def _warnings(facts: Facts) -> list[str]:
    found = []
    if not facts.acted:
        found.append(
            f'Nothing has acted: there is no run in this folder. What its nodes printed is {PRINTED}.'
        )
    if not facts.summary:
        found.append('The run has not ended in good order, or still goes on: no summary.json can be read.')
    elif facts.acted and (why := _beyond_summary(facts)):
        found.append(
            f'What summary.json tells is not that of the whole run, or is doubtful: {why}. '
            'So it is, for example, where a resumed run was killed or goes on.'
        )
    elif facts.acted and facts.summary.get('complete') is not True:
        if why := outcome.incomplete(facts.about):
            found.append(f'The run is not complete: {why}.')
    if cycle := facts.cycles.summary:
        if cycle.overruns > LATE * cycle.cycles:
            found.append(f'{cycle.overruns} of {cycle.cycles} actions came late ({LATE:.0%} is much).')
        if cycle.within_2ms_fraction < STEADY and not math.isnan(cycle.planned_ms):
            share = f'{cycle.within_2ms_fraction:.2%}'
            found.append(
                f'{share} of the action cycles were within 2 ms of the plan, less than {STEADY:.0%}.'
            )
    if wrong := facts.learning.not_finite:
        found.append(f'Not finite: {", ".join(wrong)}. The learner has diverged.')
    if facts.aborted:
        found.append(f'Episodes that were aborted: {facts.aborted}.')
    for name, count in _told_lost(facts).items():
        if name == 'episodes aborted':
            continue  # said already
        found.append(f'Lost or dropped: {name} {count}.')
    return found + [f'Damaged: {line}' for line in facts.damages]


def _beyond_summary(facts: Facts) -> str:
    """Why the summary cannot be that of the whole run, '' where nothing speaks against it."""
    elapsed_s = facts.summary.get('elapsed_s')
    last_s = 60 * facts.episodes.minutes.max(initial=0.0)
    if isinstance(elapsed_s, int | float) and last_s > elapsed_s + SAVED_S:
        return f'its episodes go on after {elapsed_s:.0f} s'
    return outcome.doubt(facts.summary, facts.about) if facts.summary.get('complete') is True else ''


def _mean_sd(values: Sequence[float] | np.ndarray) -> str:
    return f'{np.mean(values):.1f} (sd {deviation(np.asarray(values)):.1f})'


def _identity(facts: Facts) -> Part:
    known = (*identity.KINDS, *identity.TEXTS)
    rows = [(name, str(facts.about[name])) for name in known if facts.about.get(name) not in (None, '')]
    return Table((), [('folder', facts.folder.name), *rows])


def _origins(facts: Facts) -> list[Part]:
    origins = identity.origins(facts.about)
    if not origins:
        return [Words('Which machine and which versions it ran on is not kept in its run.json.')]
    names = list(dict.fromkeys(name for origin in origins for name in origin))
    head = ('', *(f'launch {number}' for number in range(1, len(origins) + 1))) if len(origins) > 1 else ()
    return [Table(head, [(name, *(origin.get(name, '') for origin in origins)) for name in names])]


def _learning(facts: Facts, gallery: Gallery) -> list[Part]:
    parts: list[Part] = []
    if len(facts.episodes.returns):
        parts.append(gallery.picture('Return of each episode', report_figures.learning, facts))
    if facts.learning.metrics:
        caption = 'What the learner tells of itself once a second: losses, entropy [nat], temperature'
        parts.append(gallery.picture(caption, report_figures.metrics, facts))
    if facts.evaluation:
        rows = [(str(number), f'{value:.1f}') for number, value in enumerate(facts.evaluation, 1)]
        parts.append(Folded('Evaluation without noise', [Table(('episode', 'return'), rows)]))
    return parts or [Words('No episode was finished, and the learner has told nothing.')]


def _timing(facts: Facts, gallery: Gallery) -> list[Part]:
    cycle, update = facts.cycles.summary, facts.update
    if cycle is None:
        return [Words('There is no action cycle.')]
    known = not math.isnan(cycle.planned_ms)
    plan = f'{cycle.planned_ms:g} ms' if known else _UNKNOWN
    share = ('within 2 ms of the plan', f'{STEADY:.0%}', f'{cycle.within_2ms_fraction:.2%}')
    rows = [
        ('action cycle, mean', plan, f'{cycle.mean_ms:.3f} ms (sd {cycle.sd_ms:.2f})'),
        (
            'median, 99th percentile, longest',
            '',
            f'{cycle.p50_ms:.2f}, {cycle.p99_ms:.2f}, {cycle.max_ms:.1f} ms',
        ),
        *([share] if known else []),
        ('late actions', '0', f'{cycle.overruns} of {cycle.cycles}'),
        (
            'observation to command, median, 99th percentile',
            f'less than {plan}' if known else _UNKNOWN,
            f'{cycle.response_p50_ms:.2f}, {cycle.response_p99_ms:.2f} ms',
        ),
        (
            'image to command, median, 99th percentile',
            '',
            f'{cycle.image_to_command_p50_ms:.1f}, {cycle.image_to_command_p99_ms:.1f} ms',
        ),
    ]
    if update:
        rows.append(('updates a second', _planned_updates(facts), f'{update.updates_per_s:.2f}'))
        rows.append(('gradient, mean', '', f'{update.gradient_ms:.1f} ms'))
    return [
        Table(('', 'plan', 'measured'), rows),
        gallery.picture(
            'Lengths of the action cycles, and of the responses', report_figures.cycle_histogram, facts
        ),
        gallery.picture('Over the run', report_figures.over_time, facts),
    ]


def _planned_updates(facts: Facts) -> str:
    """Updates that the governor allows in a second of steps in a row, resets left out."""
    told = [
        values['updates_per_step'] for values in facts.configuration.values() if 'updates_per_step' in values
    ]
    if not told or type(told[-1]) not in (int, float):
        return _UNKNOWN
    if told[-1] == 0:
        return 'as many as possible'
    rate = told[-1] * 1e3 / facts.planned_ms
    return _UNKNOWN if math.isnan(rate) else f'{rate:.4g} while acting'


def lost(facts: Facts) -> list[Part]:
    """Returns what is known of what was lost, dropped or not as planned, and why."""
    told = _told_lost(facts)
    counted = [(COUNTED[name], str(count)) for name, count in facts.counted.items()]
    rows = [(name, str(count)) for name, count in told.items()]
    parts: list[Part] = [Table(('lost or dropped in the last launch', 'count'), rows)]
    if not told:
        known = 'lost' in facts.summary
        parts = [Words('The nodes counted no loss.' if known else 'What the nodes counted is not known.')]
    if counted:
        parts.append(Table(('not as planned, over all episodes', 'count'), counted))
    if facts.aborts:
        more = (
            f', the first {len(facts.aborts)} of {facts.aborted}' if facts.aborted > len(facts.aborts) else ''
        )
        parts.append(Table((f'aborted episode{more}', 'cause'), facts.aborts))
    parts += [Words(line, warning=True) for line in facts.damages]
    if facts.said:
        count = len(facts.said)
        head = (
            'UTC',
            'node',
            f'what it warned of; the last of {count}' if count > SHOWN else 'what it warned of',
        )
        parts.append(Table(head, facts.said[-SHOWN:]))
    text = f'What the nodes printed is {PRINTED}.'
    if (facts.folder / 'log').is_dir():
        text = f'Devices and environment log into log/ of the run folder. {text}'
    return [*parts, Words(text)]


def _told_lost(facts: Facts) -> dict[str, object]:
    told = facts.summary.get('lost')
    return told if isinstance(told, dict) else {}


def _flow(facts: Facts, gallery: Gallery) -> list[Part]:
    damages: list[str] = []
    try:
        shown = flow.read_flow(facts.folder, damages.append)
    except (ValueError, OSError) as error:
        return [Words(f'There is no picture of it: {error}.')]
    architecture = str(facts.about.get('architecture', ''))
    caption = f'{flow.CYCLES} action cycles; ./ur5rl timeline draws others, and a trace of the whole run'
    picture = gallery.picture(caption, report_figures.flow, shown, architecture)
    return [*(Words(line, warning=True) for line in damages), picture]


def _configuration(facts: Facts) -> list[Part]:
    nodes = facts.configuration
    if not nodes:
        return [Words('There is no configuration.yaml that can be read.')]
    return [
        Folded(node, [Table((), [(name, str(value)) for name, value in sorted(values.items())])])
        for node, values in nodes.items()
    ]
