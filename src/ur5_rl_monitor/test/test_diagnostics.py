"""What is wrong is told: each fault of a component at its level, with its value and what to do."""

import itertools
import math

import pytest

from buffer_sampler.serving import FALLBACKS, Wants
from ur5_rl_env.readiness import ArmState
from ur5_rl_monitor import lost_counts, storage_health
from ur5_rl_monitor.diagnostics_config import DiagnosticsConfig
from ur5_rl_monitor.health import Health
from ur5_rl_monitor.heard import Heard
from ur5_rl_monitor.status import COMPONENTS, Level

LIMITS = DiagnosticsConfig(run_folder='/run', random_steps=100)
ARM = dict.fromkeys(('watchdog_trips', 'commands_rejected', 'reconnections', 'guard_interventions'), 0)
ARM |= {'state': int(ArmState.READY), 'text': 'ready', 'protective_stops': 0}
CYCLE = dict.fromkeys(('lateness_ms', 'response_ms', 'image_to_command_ms', 'joint_age_ms'), 1.0)
CYCLE |= {'cycle_ms': 40.0, 'overrun': False, 'image_age_ms': 30.0, 'weights_age_s': 0.3, 'episode': 1}
EPISODE = dict.fromkeys(('stale_images', 'refused_stamps', 'extrapolated_joints', 'older_images'), 0)
EPISODE |= {'unreported_steps': 0, 'steps': 100, 'aborted': False, 'text': ''}
BUFFER = {'transitions': 500, 'capacity': 1000, 'transitions_lost': 0, 'bytes_per_transition': 1e6}
LEARNER = {'updates_per_s': 25.0, 'metric_names': ['q_mean', 'entropy'], 'metric_values': [1.0, -5.0]}
LEARNER |= {'checkpoint': '/run/c', 'checkpoint_age_s': 20.0}
STORAGE = {'free_bytes': int(1e11), 'size_bytes': int(2e11), 'trouble': ''}


class Run:
    """A run that is in order for 20 s, but for what is said to be otherwise.

    Args:
        limits: of the diagnostics.
        changes: by source, values that are other than in order: a value, or a function of the second; None in
            the place of a source's values: nothing comes from it.
        since: the second from which on they are.
    """

    def __init__(self, limits=LIMITS, since=8, seconds=20, **changes):
        self.health = Health(limits)
        self.now = 1000.0
        for second in range(seconds):
            self.now = 1000.0 + second
            changed = changes if second >= since else {}
            for source, values in self.second(second):
                other = changed.get(source, {})
                if other is not None:
                    filled = {
                        key: value(second) if callable(value) else value for key, value in other.items()
                    }
                    self.health.take(source, {**values, **filled}, self.now)

    @staticmethod
    def second(second):
        yield 'arm', ARM
        for index in range(25):
            yield 'camera', {'stamp_s': 50.0 + second + 0.04 * index}
            yield 'cycle', CYCLE | {'step': 25 * second + index}
        if second % 7 == 6:
            yield 'episode', EPISODE
        yield 'buffer', BUFFER | {'total_steps': 500 + 25 * second, 'mini_batches': 300 + 25 * second}
        yield 'learner', LEARNER | {'updates': 300 + 25 * second}
        yield 'done', {'wants': Wants.IMAGES}
        yield 'spans', {'component': 'actor', 'dropped': 0}
        for node in lost_counts.NODES:
            yield lost_counts.SOURCE + node, {'lost things': 3}
        yield 'storage', STORAGE | {'row': (1, 25 * second + 24)}

    def of(self, name, later=0.0):
        (status,) = [one for one in self.health.statuses(self.now + later) if one.name == name]
        assert '\n' not in status.message and status.message
        return status


def test_a_run_in_order_is_ok_in_every_component():
    statuses = Run().health.statuses(1019.5)
    assert [status.name for status in statuses] == list(COMPONENTS)
    assert [(status.name, status.level, status.message) for status in statuses if status.level] == []


def test_nothing_heard_yet_is_stale():
    levels = {status.name: status.level for status in Health(LIMITS).statuses(5.0)}
    assert {name for name, level in levels.items() if level is Level.STALE} == set(COMPONENTS[:6])
    assert all('yet' in status.message for status in Health(LIMITS).statuses(5.0)[:6])


@pytest.mark.parametrize('architecture', ['evaluate', 'environment'])
def test_where_nobody_learns_nobody_is_missed(architecture):
    limits = DiagnosticsConfig(run_folder='/run', architecture=architecture)
    names = {status.name for status in Health(limits).statuses(5.0)}
    assert set(COMPONENTS) - names == {'buffer_sampler: sampler', 'learner: learner'}


def test_without_a_run_folder_nothing_is_said_of_what_would_lie_in_it():
    """As of a bag: neither that it is well nor that it is missing."""
    names = {status.name for status in Run(DiagnosticsConfig()).health.statuses(1019.5)}
    assert set(COMPONENTS) - names == {'run_recorder: recorder', 'run_recorder: disk'}


@pytest.mark.parametrize(
    ('source', 'name', 'limit_s'),
    [
        ('arm', 'arm_driver: arm', LIMITS.silent_s),
        ('camera', 'camera: frames', LIMITS.silent_s),
        ('cycle', 'environment: synchronisation', LIMITS.pause_s),
        ('cycle', 'environment: action cycle', LIMITS.pause_s),
        ('buffer', 'buffer_sampler: sampler', LIMITS.learning_silent_s),
        ('learner', 'learner: learner', LIMITS.learning_silent_s),
    ],
)
def test_what_is_silent_becomes_stale_after_its_time(source, name, limit_s):
    """A node that is dead says nothing; what it said last is no news."""
    run = Run(since=18, **{source: None})  # heard at 1017, asked at 1019
    assert run.of(name, limit_s - 2.1).level is not Level.STALE
    status = run.of(name, limit_s - 1.9)
    assert status.level is Level.STALE and f'for {limit_s:.0f} s' in status.message


FAULTS = [
    # of the arm
    *(
        ('arm_driver: arm', level, f'why {state}', {'arm': {'state': int(state), 'text': f'why {state}'}})
        for state, level in (
            (ArmState.DISCONNECTED, Level.ERROR),
            (ArmState.PROTECTIVE_STOP, Level.ERROR),
            (ArmState.EMERGENCY_STOP, Level.ERROR),
            (ArmState.CONTESTED, Level.ERROR),
            (ArmState.WRIST_OUT_OF_BOUNDS, Level.ERROR),
            (ArmState.OUT_OF_BOUNDS, Level.WARN),
            (ArmState.SPEED_REDUCED, Level.WARN),
            (99, Level.ERROR),
        )
    ),
    (
        'arm_driver: arm',
        Level.WARN,
        'watchdog stopped the moving arm 1 times',
        {'arm': {'watchdog_trips': 1}, 'since': 12},
    ),
    (
        'arm_driver: arm',
        Level.WARN,
        '3 commands refused in 10 s: stale, not finite, of other joints, of another run, or contested',
        {'arm': {'commands_rejected': lambda second: 3 * (second >= 12)}},
    ),
    (
        'arm_driver: arm',
        Level.WARN,
        '1 reconnections in 10 s',
        {'arm': {'reconnections': lambda s: s >= 12 and 1 or 0}},
    ),
    # of the camera: 2 s without a frame, and every third frame lost
    ('camera: frames', Level.ERROR, 'no frame for 2.0 s', {'camera': None, 'since': 18}),
    (
        'camera: frames',
        Level.WARN,
        'frames did not come (limit 5 %)',
        {'camera': {'stamp_s': itertools.count(58.0, 0.06).__next__}},
    ),
    # of synchronisation
    (
        'environment: synchronisation',
        Level.WARN,
        'an image was 200 ms old when it was used (limit 120)',
        {'cycle': {'image_age_ms': 200.0}},
    ),
    (
        'environment: synchronisation',
        Level.WARN,
        '1 stamps that cannot be',
        {'episode': {'refused_stamps': 1}, 'since': 13},
    ),
    (
        'environment: synchronisation',
        Level.WARN,
        'images discarded or paired late in 200 steps (limit 5 %)',
        {'episode': {'stale_images': 4, 'extrapolated_joints': 4, 'older_images': 4}},
    ),
    (
        'environment: synchronisation',
        Level.WARN,
        '2 steps of whose command',
        {'episode': {'unreported_steps': 2}, 'since': 13},
    ),
    # of the action cycle
    (
        'environment: action cycle',
        Level.WARN,
        'actions late (limit 1 %)',
        {'cycle': {'overrun': True}, 'since': 19},
    ),
    ('environment: action cycle', Level.ERROR, 'actions late (limit 20 %)', {'cycle': {'overrun': True}}),
    ('environment: action cycle', Level.WARN, 'within 2 ms of 40 ms', {'cycle': {'cycle_ms': 43.0}}),
    (
        'environment: action cycle',
        Level.WARN,
        '1 episodes aborted in a row, the last: camera silent',
        {'episode': {'aborted': True, 'text': 'camera silent'}},
    ),
    # of the sampler
    (
        'buffer_sampler: sampler',
        Level.WARN,
        '2 transitions lost in 10 s',
        {'buffer': {'transitions_lost': lambda second: second // 10 * 2}},
    ),
    ('buffer_sampler: sampler', Level.WARN, 'no mini-batch in 10 s', {'buffer': {'mini_batches': 475}}),
    ('buffer_sampler: sampler', Level.WARN, 'cannot open the shared memory', {'done': {'wants': Wants.DATA}}),
    # of the learner
    ('learner: learner', Level.ERROR, 'q_mean not finite', {'learner': {'metric_values': [math.nan, -5.0]}}),
    ('learner: learner', Level.ERROR, 'entropy not finite', {'learner': {'metric_values': [1.0, -math.inf]}}),
    (
        'learner: learner',
        Level.WARN,
        'entropy -16.0 nat (limit -15)',
        {'learner': {'metric_values': [1.0, -16.0]}},
    ),
    ('learner: learner', Level.WARN, 'no update in 10 s', {'learner': {'updates': 475}}),
    (
        'learner: learner',
        Level.WARN,
        'the frames do not stay on the device',
        {'losses of learner': {FALLBACKS: 1}},
    ),
    ('learner: learner', Level.WARN, 'weights that act are 61 s old', {'cycle': {'weights_age_s': 61.0}}),
    (
        'learner: learner',
        Level.WARN,
        'no checkpoint for 301 s (limit 300); can /run be',
        {'learner': {'checkpoint_age_s': 301.0}},
    ),
    # what a node counts itself
    *(
        (name, Level.WARN, f'{node}: lost things: 2 in 10 s', {f'losses of {node}': {'lost things': lost}})
        for node, name, lost in (
            (node, name, lambda second: 2 * (second > 12))
            for node, name in (
                ('camera', 'camera: frames'),
                ('robot_cell', 'camera: frames'),
                ('actor', 'environment: action cycle'),
                ('buffer_sampler', 'buffer_sampler: sampler'),
                ('learner', 'learner: learner'),
                ('run_recorder', 'run_recorder: recorder'),
            )
        )
    ),
    # of the recorder, which stands still
    (
        'run_recorder: recorder',
        Level.WARN,
        'lacks cycles of 14 s ago',
        {'storage': {'row': (1, 30)}, 'since': 6},
    ),
    ('run_recorder: recorder', Level.WARN, '4 spans lost', {'spans': {'dropped': lambda s: 4 * (s > 10)}}),
    # of the disk
    ('run_recorder: disk', Level.ERROR, '0.50 GB left (limit 1)', {'storage': {'free_bytes': int(5e8)}}),
    (
        'run_recorder: disk',
        Level.WARN,
        '1.4 GB left, the buffer needs 0.5',
        {'storage': {'free_bytes': int(1.4e9)}},
    ),
    ('run_recorder: disk', Level.ERROR, '(No such file', {'storage': {'trouble': 'No such file'}}),
]


@pytest.mark.parametrize(('name', 'level', 'sentence', 'changes'), FAULTS, ids=lambda value: str(value)[:40])
def test_a_fault_is_told_at_its_level_in_its_component_alone(name, level, sentence, changes):
    since = changes.get('since', 8)
    run = Run(since=since, **{key: with_second(value) for key, value in changes.items() if key != 'since'})
    status = run.of(name)
    assert status.level is level and sentence in status.message
    others = [other for other in run.health.statuses(run.now) if other.name != name]
    allowed = {'learner: learner', 'buffer_sampler: sampler', 'environment: synchronisation'}
    assert {other.name for other in others if other.level} <= allowed - {name}


def with_second(values):
    """A counter without arguments is asked once a message."""
    if values is None:
        return None
    return {
        key: (lambda _, count=value: count()) if type(value).__name__ == 'method-wrapper' else value
        for key, value in values.items()
    }


@pytest.mark.parametrize(
    ('name', 'words', 'changes'),
    [
        ('environment: action cycle', 'actions late', {'cycle': {'overrun': True}}),
        ('run_recorder: recorder', 'lacks cycles', {'storage': {'row': (1, 30)}, 'seconds': 45}),
        ('run_recorder: disk', 'GB left', {'storage': {'free_bytes': int(5e8)}}),
    ],
)
def test_what_is_an_error_is_not_told_as_a_warning_too(name, words, changes):
    status = Run(**changes).of(name)
    assert status.level is Level.ERROR and status.message.count(words) == 1


def test_how_long_a_recorder_is_behind_worked_by_hand():
    lag = storage_health.Lag()
    assert (
        lag.behind_s((), (), 0.0)
        == lag.behind_s((1, 5), (1, 5), 1.0)
        == lag.behind_s((1, 9), (1, 5), 2.0)
        == 0
    )
    assert lag.behind_s((1, 20), (1, 8), 5.0) == 3.0  # cycle 9, heard of at 2 s
    assert lag.behind_s((1, 30), (1, 9), 6.0) == 0.0  # now cycle 30 is awaited
    assert lag.behind_s((2, 1), (1, 29), 8.0) == 2.0
    assert lag.behind_s((2, 1), (2, 1), 9.0) == 0.0


def test_where_no_steps_come_nobody_has_to_learn():
    run = Run(buffer={'total_steps': 700, 'mini_batches': 475}, learner={'updates': 475})
    assert run.of('buffer_sampler: sampler').level is Level.OK
    assert run.of('learner: learner').level is Level.OK


def test_frames_are_counted_by_their_stamps():
    health = Health(LIMITS)
    for stamp_s in (5.0, 5.04, 5.12, 5.16):
        health.take('camera', {'stamp_s': stamp_s}, 100.0)
    (status,) = [status for status in health.statuses(100.5) if status.name == 'camera: frames']
    assert status.values == {'frames per s': 18.75, 'missing in 10 s': 1, 'longest gap [ms]': 80.0}
    assert status.level is Level.WARN and '1 of 4 frames did not come' in status.message


def test_three_aborted_episodes_in_a_row_are_an_error_and_one_that_ends_well_is_the_end_of_it():
    run = Run(seconds=29, since=8, episode={'aborted': True, 'text': 'no camera'})
    assert run.of('environment: action cycle').level is Level.ERROR
    assert '3 episodes aborted in a row, the last: no camera' in run.of('environment: action cycle').message
    run.health.take('episode', EPISODE, run.now)
    assert run.of('environment: action cycle').level is Level.OK


def test_an_arm_that_holds_between_episodes_is_in_order_and_one_that_goes_on_holding_is_not():
    holding = {'state': int(ArmState.HOLDING), 'text': 'held by the watchdog'}
    assert Run(arm=holding, since=8, seconds=20).of('arm_driver: arm').level is Level.OK
    status = Run(arm=holding, since=8, seconds=25).of('arm_driver: arm')
    assert status.level is Level.WARN and 'held by the watchdog, for 16 s (limit 15)' in status.message


def test_a_state_without_words_is_told_by_its_number():
    status = Run(arm={'state': int(ArmState.PROTECTIVE_STOP), 'text': ''}).of('arm_driver: arm')
    assert status.level is Level.ERROR and status.message == 'state 4, without a word'


def test_episodes_of_long_ago_are_no_news():
    run = Run(since=13, episode={'refused_stamps': 1})
    assert run.of('environment: synchronisation').level is Level.WARN
    for second in range(1, 62):
        run.health.take('cycle', CYCLE | {'step': 500 + second}, run.now + second)
    assert run.of('environment: synchronisation', later=61.0).level is Level.OK


def test_a_recorder_that_is_long_behind_is_an_error():
    run = Run(seconds=45, since=10, storage={'row': (1, 30)})
    assert run.of('run_recorder: recorder').level is Level.ERROR


def test_a_recorder_is_not_behind_while_there_is_nothing_to_record():
    run = Run(seconds=60, since=10, cycle=None, storage={'row': (1, 249)})
    assert run.of('run_recorder: recorder').level is Level.OK
    run.health.take('cycle', CYCLE | {'step': 250}, run.now)
    run.health.take('storage', STORAGE | {'row': (1, 249)}, run.now)
    assert run.of('run_recorder: recorder').level is Level.OK  # this moment


def test_a_warning_ends_when_its_cause_has_been_gone_for_the_window():
    run = Run(since=8, seconds=9, arm={'watchdog_trips': 1})
    assert run.of('arm_driver: arm').level is Level.WARN
    for second in range(1, 12):
        run.health.take('arm', ARM | {'watchdog_trips': 1}, run.now + second)
    assert run.of('arm_driver: arm', later=11.0).level is Level.OK


def test_before_the_random_steps_are_over_nobody_has_to_learn():
    limits = DiagnosticsConfig(random_steps=100_000)
    run = Run(limits, buffer={'mini_batches': 475}, learner={'updates': 475})
    assert run.of('buffer_sampler: sampler').level is Level.OK
    assert run.of('learner: learner').level is Level.OK


@pytest.mark.parametrize('steps', [lambda second: 10 * second, lambda second: 5000 + 25 * second])
def test_who_has_just_begun_to_learn_is_given_the_window(steps):
    """At the end of the random steps, in the seventh second, and after the start of a resumed run."""
    still = {'mini_batches': 0, 'total_steps': steps}
    limits = DiagnosticsConfig(random_steps=60)
    for seconds in (2, 8, 10):
        run = Run(limits, since=0, seconds=seconds, buffer=still, learner={'updates': 0})
        assert [status.message for status in run.health.statuses(run.now)[4:6] if status.level] == []
    run = Run(limits, since=0, seconds=20, buffer=still, learner={'updates': 0})
    assert 'no mini-batch in 10 s' in run.of('buffer_sampler: sampler').message
    assert 'no update in 10 s' in run.of('learner: learner').message


AT_THE_LIMIT = [
    ('arm_driver: arm', {'arm': None, 'since': 15}, 0.0),  # silent for 5 s
    ('arm_driver: arm', {'arm': {'state': int(ArmState.HOLDING)}, 'since': 5}, 1.0),  # holds for 15 s
    ('camera: frames', {}, 1.5),
    ('camera: frames', {'camera': None, 'since': 19}, 0.5),  # 1.5 s without a frame
    ('environment: synchronisation', {'cycle': {'image_age_ms': 120.0}}, 0.0),
    ('environment: synchronisation', {'episode': {'stale_images': 5}}, 0.0),  # of 100 steps each
    ('environment: action cycle', {'cycle': {'cycle_ms': 42.0}}, 0.0),
    ('environment: action cycle', {'cycle': {'cycle_ms': 38.0}}, 0.0),
    ('buffer_sampler: sampler', {'buffer': None, 'since': 5}, 0.0),  # silent for 15 s
    ('learner: learner', {'learner': {'metric_values': [1.0, -15.0]}}, 0.0),
    ('learner: learner', {'cycle': {'weights_age_s': 60.0}}, 0.0),
    ('learner: learner', {'learner': {'checkpoint_age_s': 300.0}}, 0.0),
    ('run_recorder: disk', {'storage': {'free_bytes': int(1.5e9)}}, 0.0),  # 0.5 for the buffer, 1 to be left
]


@pytest.mark.parametrize(('name', 'changes', 'later'), AT_THE_LIMIT)
def test_what_is_just_at_its_limit_is_in_order(name, changes, later):
    status = Run(**changes).of(name, later)
    assert status.level is Level.OK, status.message


def test_every_count_that_a_message_holds_is_among_the_values():
    run = Run()
    assert ARM.keys() <= run.of('arm_driver: arm').values.keys()
    assert BUFFER.keys() <= run.of('buffer_sampler: sampler').values.keys()
    assert {'updates', 'q_mean', 'entropy'} <= run.of('learner: learner').values.keys()
    run.health.take('spans', {'component': 'learner', 'dropped': 4}, run.now)
    dropped = {f'spans dropped by {node}': count for node, count in (('actor', 0), ('learner', 4))}
    assert dropped.items() <= run.of('run_recorder: recorder').values.items()
    shown = {key for status in run.health.statuses(run.now) for key in status.values}
    assert {f'{node}: lost things' for node in lost_counts.NODES} <= shown
    episode = run.of('environment: action cycle').values
    assert {f'last episode: {name}' for name in EPISODE} <= episode.keys()


@pytest.mark.parametrize(
    ('wants', 'how'), [(0, 'images in slots'), (1, 'whole messages'), (2, 'places of f')]
)
def test_how_mini_batches_come_is_among_the_values(wants, how):
    found = Run(since=0, done={'wants': wants}).of('buffer_sampler: sampler').values
    assert found['mini-batches come as'].startswith(how)


def test_frames_that_left_the_device_are_told_as_long_as_their_learner_lives():
    fell_back = {'losses of learner': {FALLBACKS: 1}}
    status = Run(seconds=90, **fell_back).of('learner: learner')
    assert status.level is Level.WARN and 'the frames do not stay on the device' in status.message
    assert 'in 10 s' not in status.message, 'it is no news any more'
    in_full = Run(seconds=90, done={'wants': Wants.DATA}, **fell_back)
    assert in_full.of('learner: learner').level is Level.OK, 'which the sampler tells'
    anew = Run(seconds=90, since=60, **{'losses of learner': {FALLBACKS: 0}})
    assert anew.of('learner: learner').level is Level.OK


def test_what_a_node_of_another_kind_tells_is_passed_over():
    run = Run(**{'losses of actor': {'lost things': 3}})
    run.health.take('losses of juggler', {'lost balls': 5}, run.now)
    assert not any('juggler' in str(status) for status in run.health.statuses(run.now))


def test_the_growth_of_a_count_survives_the_restart_of_its_process():
    heard = Heard(10.0)
    for now, count in ((0.0, 5), (1.0, 8), (2.0, 2), (3.0, 2)):
        heard.take({'count': count}, now)
    assert heard.grown('count', 3.0) == 3 + 2
    assert heard.grown('count', 11.5) == 2 and heard.grown('count', 99.0) == 0
    assert heard.silence_s(5.0) == 2.0 and heard.unchanged_s('count', 5.0) == 3.0


def test_a_look_at_a_run_folder(tmp_path):
    seen = storage_health.look(tmp_path)
    assert seen['row'] == () and 0 < seen['free_bytes'] <= seen['size_bytes'] and not seen['trouble']
    table = tmp_path / 'cycle_timing.csv'
    table.write_text('stamp,episode,step,cycle_ms\n')
    assert storage_health.look(tmp_path)['row'] == ()
    rows = ''.join(f'1.0,{1 + step // 100},{step % 100},40.0\n' for step in range(1000))
    table.write_text('stamp,episode,step,cycle_ms\n' + rows + '1.0,11,3')  # the last is being written
    assert storage_health.look(tmp_path)['row'] == (10, 99)
    for damaged in (b'nonsense\n', b'1.0,1\r2,3,40.0\n', b'1.0,\0\0,3,40.0\n', b'1.0,9\xff,3,40.0\n'):
        table.write_bytes(b'stamp,episode,step,cycle_ms\n' + damaged)
        assert storage_health.look(tmp_path)['row'] == ()
        table.write_bytes(b'stamp,episode,step,cycle_ms\n1.0,3,7,40.0\n' + damaged)
        assert storage_health.look(tmp_path)['row'] == (3, 7)  # the newest that is one
    table.write_text('stamp,cycle_ms\n1.0,40.0\n')  # of another version
    assert storage_health.look(tmp_path)['row'] == ()
    table.write_bytes(b'stamp\repisode,step\n1,1,1\n')
    assert storage_health.look(tmp_path)['row'] == ()
    assert storage_health.look(tmp_path / 'gone')['trouble']


@pytest.mark.parametrize('checkpoint', ['', '/run/gone'])
def test_a_checkpoint_that_is_not_there_is_waited_for_as_long_as_one_may_be_old(checkpoint):
    """The first write may never return, and a file may be deleted."""
    none = {'checkpoint': checkpoint, 'checkpoint_age_s': None}
    assert Run(since=8, seconds=309, learner=none).of('learner: learner').level is Level.OK
    status = Run(since=8, seconds=310, learner=none).of('learner: learner')
    assert status.level is Level.WARN and 'no checkpoint for 301 s (limit 300)' in status.message
    elsewhere = Run(DiagnosticsConfig(), since=8, seconds=310, learner=none)
    assert elsewhere.of('learner: learner').level is Level.OK, 'of a bag: it may lie on another machine'


def test_how_old_a_file_is(tmp_path):
    assert storage_health.age_s('', 5.0) is storage_health.age_s(str(tmp_path / 'none'), 5.0) is None
    (tmp_path / 'file').write_text('')
    written = (tmp_path / 'file').stat().st_mtime
    assert storage_health.age_s(str(tmp_path / 'file'), written + 7.0) == pytest.approx(7.0)
