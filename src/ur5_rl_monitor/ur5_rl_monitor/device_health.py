"""How arm, camera, synchronisation and action cycle are."""

import statistics
from collections.abc import Mapping
from itertools import pairwise

from run_reading.timing import TOLERANCE_MS
from ur5_rl_env.readiness import ArmState
from ur5_rl_monitor import lost_counts
from ur5_rl_monitor.diagnostics_config import DiagnosticsConfig
from ur5_rl_monitor.heard import Heard
from ur5_rl_monitor.status import Findings, Level, Status, stale

LEVELS = {
    ArmState.DISCONNECTED: Level.ERROR,
    ArmState.READY: Level.OK,
    ArmState.MOVING_HOME: Level.OK,
    ArmState.HOLDING: Level.OK,  # so it waits between two episodes
    ArmState.PROTECTIVE_STOP: Level.ERROR,
    ArmState.EMERGENCY_STOP: Level.ERROR,
    ArmState.OUT_OF_BOUNDS: Level.WARN,
    ArmState.SPEED_REDUCED: Level.WARN,
    ArmState.CONTESTED: Level.ERROR,
    ArmState.WRIST_OUT_OF_BOUNDS: Level.ERROR,
}
SYNCHRONISATION = (
    'stale_images',
    'refused_stamps',
    'extrapolated_joints',
    'older_images',
    'unreported_steps',
)
"""Counts of an Episode message."""
MEDIANS = ('cycle_ms', 'lateness_ms', 'response_ms', 'image_to_command_ms')
"""Of CycleTiming messages."""
PAUSED = 'the environment waits: look at arm and camera, then at its last lines (environment/start goes on)'
ABORTS = 3
"""So many aborted episodes in a row are an error."""


def arm(heard: Mapping[str, Heard], limits: DiagnosticsConfig, now: float) -> Status:
    """Returns the status of the arm: its state in its own words, and what was refused or prevented."""
    name, source = 'arm_driver: arm', heard['arm']
    said, silence = source.newest, source.silence_s(now)
    if silence > limits.silent_s:
        return stale(name, 'arm/status', silence, 'does arm_driver run? Its last lines say why not', said)
    found = Findings()
    state = said['state'] if said['state'] in LEVELS else ArmState.DISCONNECTED
    told = said['text'] or f'state {said["state"]}, without a word'
    found.error(LEVELS[state] is Level.ERROR, told)
    found.warn(LEVELS[state] is Level.WARN, told)
    grown = {
        count: source.grown(count, now)
        for count in ('watchdog_trips', 'commands_rejected', 'reconnections', 'guard_interventions')
    }
    held_s = source.unchanged_s('state', now)
    found.warn(
        state == ArmState.HOLDING and held_s > limits.hold_s,
        f'{told}, for {held_s:.0f} s (limit {limits.hold_s:.0f}); do environment and actor run?',
    )
    window = f'in {limits.window_s:.0f} s'
    found.warn(
        grown['watchdog_trips'],
        f'watchdog stopped the moving arm {grown["watchdog_trips"]} times {window}; do commands come '
        'late, is the machine overloaded?',
    )
    found.warn(
        grown['commands_rejected'],
        f'{grown["commands_rejected"]} commands refused {window}: stale, not finite, of other joints, of '
        'another run, or contested',
    )
    found.warn(
        grown['reconnections'],
        f'{grown["reconnections"]} reconnections {window}; look at the cable to the arm',
    )
    values = said | {f'{count} {window}': number for count, number in grown.items()}
    return found.status(name, told, values)


def camera(heard: Mapping[str, Heard], limits: DiagnosticsConfig, now: float) -> Status:
    """Returns the status of the camera: whether frames come, and all of them."""
    name, source = 'camera: frames', heard['camera']
    silence, remedy = source.silence_s(now), 'is the camera connected, does its node run?'
    stamps = [values['stamp_s'] for values in source.recent(now)]
    span_s = stamps[-1] - stamps[0] if stamps else 0.0
    planned = span_s / limits.camera_period_s
    missing = max(round(planned) - (len(stamps) - 1), 0) if stamps else 0
    rate = (len(stamps) - 1) / span_s if span_s > 0.0 else 0.0
    values = {
        'frames per s': round(rate, 2),
        f'missing in {limits.window_s:.0f} s': missing,
        'longest gap [ms]': round(1e3 * max((b - a for a, b in pairwise(stamps)), default=0.0), 1),
    }
    if silence > limits.silent_s:
        return stale(name, 'camera/camera_info', silence, remedy, values)
    found = Findings()
    values |= lost_counts.tell(('camera', 'robot_cell'), heard, limits, now, found)
    found.error(silence > limits.no_frame_s, f'no frame for {silence:.1f} s; {remedy}')
    found.warn(
        planned >= 1.0 and missing > limits.frames_missing * planned,
        f'{missing} of {planned:.0f} frames did not come (limit {100 * limits.frames_missing:.0f} %); is '
        'camera_period_s the true period, is the machine or the USB bus overloaded?',
    )
    return found.status(name, f'{rate:.1f} frames/s', values)


def synchronisation(heard: Mapping[str, Heard], limits: DiagnosticsConfig, now: float) -> Status:
    """Returns how images and joint states came together in the cycles and episodes of the last seconds."""
    name, cycles = 'environment: synchronisation', heard['cycle'].recent(now)
    episodes = heard['episode'].recent(now)
    sums = {count: sum(episode[count] for episode in episodes) for count in SYNCHRONISATION}
    steps = max(sum(episode['steps'] for episode in episodes), 1)
    ages = {
        age: max((cycle[age] for cycle in cycles), default=0.0) for age in ('image_age_ms', 'joint_age_ms')
    }
    values = {f'{count} in the last episodes': number for count, number in sums.items()}
    values |= {f'{age} at most': round(number, 1) for age, number in ages.items()}
    silence = heard['cycle'].silence_s(now)
    if silence > limits.pause_s:
        return stale(name, 'cycle_timing', silence, PAUSED, values)
    found, limit_ms = Findings(), 1e3 * limits.image_age_cycles * limits.camera_period_s
    found.warn(
        ages['image_age_ms'] > limit_ms,
        f'an image was {ages["image_age_ms"]:.0f} ms old when it was used (limit {limit_ms:.0f}); '
        'is the camera late?',
    )
    found.warn(
        sums['refused_stamps'],
        f'{sums["refused_stamps"]} stamps that cannot be; are the clocks of all hosts set alike?',
    )
    discarded = sums['stale_images'] + sums['extrapolated_joints'] + sums['older_images']
    found.warn(
        discarded > limits.images_discarded * steps,
        f'{discarded} images discarded or paired late in {steps} steps (limit '
        f'{100 * limits.images_discarded:.0f} %); do joint states come late?',
    )
    found.warn(
        sums['unreported_steps'],
        f'{sums["unreported_steps"]} steps of whose command the arm driver said nothing; is it overloaded?',
    )
    return found.status(name, f'images at most {ages["image_age_ms"]:.0f} ms old', values)


def action_cycle(heard: Mapping[str, Heard], limits: DiagnosticsConfig, now: float) -> Status:
    """Returns whether the cycle is held, and how episodes end."""
    name, source, episodes = 'environment: action cycle', heard['cycle'], heard['episode']
    cycles, planned_ms = source.recent(now), 1e3 * limits.action_cycle_s
    count = max(len(cycles), 1)
    overruns = sum(cycle['overrun'] for cycle in cycles)
    within = sum(abs(cycle['cycle_ms'] - planned_ms) <= TOLERANCE_MS for cycle in cycles) / count
    values = {
        'planned [ms]': planned_ms,
        'within 2 ms [%]': round(100 * within, 1),
        f'overruns in {limits.window_s:.0f} s': overruns,
        **{f'{what} median': _median(cycles, what) for what in MEDIANS},
        **{f'last episode: {what}': value for what, value in episodes.newest.items()},
        'aborted in a row': episodes.newest.get('aborted_in_a_row', 0),
    }
    silence = source.silence_s(now)
    if silence > limits.pause_s:
        return stale(name, 'cycle_timing', silence, PAUSED, values)
    found, share = Findings(), overruns / count
    values |= lost_counts.tell(('actor',), heard, limits, now, found)
    late = f'{overruns} of {count} actions late (limit {{:.0f}} %); is the machine overloaded?'
    if share > limits.overruns_error:
        found.error(True, late.format(100 * limits.overruns_error))
    found.warn(limits.overruns_warn < share <= limits.overruns_error, late.format(100 * limits.overruns_warn))
    found.warn(
        cycles and within < limits.within_2ms,
        f'{100 * within:.1f} % of the cycles within 2 ms of {planned_ms:g} ms (limit '
        f'{100 * limits.within_2ms:.0f}); does another program take the processors?',
    )
    aborted = episodes.newest.get('aborted_in_a_row', 0)
    told = f'{aborted} episodes aborted in a row, the last: {episodes.newest.get("text", "")}'
    found.warn(0 < aborted < ABORTS, told)
    found.error(aborted >= ABORTS, told)
    return found.status(name, f'{100 * within:.1f} % within 2 ms of {planned_ms:g} ms', values)


def _median(cycles: list[dict], what: str) -> float:
    return round(statistics.median(cycle[what] for cycle in cycles), 2) if cycles else 0.0
