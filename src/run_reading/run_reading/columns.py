"""The columns of a run's tables."""

from ur5_rl_graph import run_files

EPISODE_COLUMNS = (
    'episode',
    'end',
    'elapsed_s',
    'total_steps',
    'steps',
    'return',
    'duration_s',
    'reset_s',
    'overruns',
    'changed_steps',
    'unreported_steps',
    'stale_images',
    'refused_stamps',
    'extrapolated_joints',
    'older_images',
    'aborted',
    'target_x',
    'target_y',
    'text',
)
CYCLE_COLUMNS = (
    'stamp',
    'episode',
    'step',
    'cycle_ms',
    'lateness_ms',
    'overrun',
    'response_ms',
    'image_age_ms',
    'joint_age_ms',
    'image_to_command_ms',
    'weights_age_s',
)
LEARNER_COLUMNS = (
    'stamp',
    'elapsed_s',
    'updates',
    'weights_version',
    'updates_per_s',
    'update_ms',
    'handover_ms',
    'waiting_fraction',
    'metrics',
)
SPAN_COLUMNS = ('component', 'span', 'start_s', 'duration_ms')

TABLES = {
    run_files.EPISODES: EPISODE_COLUMNS,
    run_files.CYCLES: CYCLE_COLUMNS,
    run_files.LEARNER: LEARNER_COLUMNS,
    run_files.SPANS: SPAN_COLUMNS,
}
_WORDS = {'text', 'metrics', 'component', 'span'}
NUMBERS = {name for columns in TABLES.values() for name in columns if name not in _WORDS} | {'wall_s'}
"""Columns that hold numbers, in whichever table they are; the last is one of a campaign's."""
