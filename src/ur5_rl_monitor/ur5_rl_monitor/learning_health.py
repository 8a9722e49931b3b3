"""How sampler and learner are."""

import math
from collections.abc import Mapping

from buffer_sampler.serving import FALLBACKS, Wants
from ur5_rl_monitor import lost_counts
from ur5_rl_monitor.diagnostics_config import DiagnosticsConfig
from ur5_rl_monitor.heard import Heard
from ur5_rl_monitor.status import Findings, Status, stale

COME_AS = {
    Wants.IMAGES: 'images in slots',
    Wants.DATA: 'whole messages',
    Wants.PLACES: 'places of frames on the device',
}
DEAD = 'its launch starts it again; its last lines say why it ended'


def sampler(heard: Mapping[str, Heard], limits: DiagnosticsConfig, now: float) -> Status:
    """Returns the status of the replay buffer and of the mini-batches drawn from it."""
    name, source = 'buffer_sampler: sampler', heard['buffer']
    said, silence = source.newest, source.silence_s(now)
    grown = {count: source.grown(count, now) for count in ('transitions_lost', 'mini_batches', 'total_steps')}
    window = f'in {limits.window_s:.0f} s'
    values = said | {f'{count} {window}': number for count, number in grown.items()}
    wants = Wants(heard['done'].newest.get('wants', Wants.IMAGES))
    values |= {'mini-batches come as': COME_AS[wants]}
    if silence > limits.learning_silent_s:
        return stale(name, 'buffer_status', silence, DEAD, values)
    found = Findings()
    values |= lost_counts.tell(('buffer_sampler',), heard, limits, now, found)
    found.warn(
        grown['transitions_lost'],
        f'{grown["transitions_lost"]} transitions lost {window}; is the disk full, was a node restarted?',
    )
    found.warn(
        _stands('buffer', 'mini_batches', heard, limits, now),
        f'no mini-batch {window} although steps come; does the learner run? All slots wait for it',
    )
    found.warn(
        wants is Wants.DATA,
        'the learner cannot open the shared memory: mini-batches go to it in full; is /dev/shm shared?',
    )
    share = 100 * said['transitions'] / max(said['capacity'], 1)
    return found.status(name, f'{said["transitions"]} transitions ({share:.0f} %)', values)


def learner(heard: Mapping[str, Heard], limits: DiagnosticsConfig, now: float) -> Status:
    """Returns the status of the learner: whether it updates, with what numbers, and what is kept of it."""
    name, source = 'learner: learner', heard['learner']
    said, silence = source.newest, source.silence_s(now)
    metrics = dict(zip(said.get('metric_names', ()), said.get('metric_values', ()), strict=False))
    values = {key: value for key, value in said.items() if not key.startswith('metric_')} | metrics
    weights_s = heard['cycle'].newest.get('weights_age_s', 0.0)
    values |= {'age of the weights that act [s]': round(weights_s, 2)}
    if silence > limits.learning_silent_s:
        return stale(name, 'learner_status', silence, DEAD, values)
    found = Findings()
    values |= lost_counts.tell(('learner',), heard, limits, now, found)
    found.warn(
        heard['done'].newest.get('wants') == Wants.IMAGES
        and heard[lost_counts.SOURCE + 'learner'].newest.get(FALLBACKS, 0),
        'the frames do not stay on the device: as long as this learner lives it takes images in slots, which '
        'is slower; its lines say why',
    )
    wrong = [metric for metric, value in metrics.items() if not math.isfinite(value)]
    found.error(wrong, f'{", ".join(wrong)} not finite: it has diverged; lower its learning rates')
    found.warn(
        _stands('learner', 'updates', heard, limits, now),
        f'no update in {limits.window_s:.0f} s although steps come; does buffer_sampler give mini-batches?',
    )
    entropy = metrics.get('entropy', math.inf)
    found.warn(
        entropy < limits.entropy_low,
        f'entropy {entropy:.1f} nat (limit {limits.entropy_low:.0f}): the policy hardly explores; raise '
        'minimum_temperature',
    )
    found.warn(
        source.grown('updates', now) and weights_s > limits.weights_age_s,
        f'weights that act are {weights_s:.0f} s old (limit {limits.weights_age_s:.0f}); does actor run?',
    )
    age_s = said.get('checkpoint_age_s', 0.0)
    if age_s is None:  # none is there: the first may never come, and a file may be deleted
        age_s = source.unchanged_s('checkpoint_age_s', now)
    found.warn(
        limits.run_folder and age_s > limits.checkpoint_age_s,
        f'no checkpoint for {age_s:.0f} s (limit {limits.checkpoint_age_s:.0f}); can {limits.run_folder} be '
        'written?',
    )
    return found.status(name, f'{said["updates"]} updates, {said["updates_per_s"]:.1f}/s', values)


def _stands(
    source: str, count: str, heard: Mapping[str, Heard], limits: DiagnosticsConfig, now: float
) -> bool:
    """Returns whether a count has stood still for the whole window, in which steps came to learn from."""
    buffer, last = heard['buffer'], heard[source]
    steps = buffer.grown('total_steps', now)
    before = buffer.newest.get('total_steps', 0) - steps
    return steps > 0 and before > limits.random_steps and last.unchanged_s(count, now) >= limits.window_s
