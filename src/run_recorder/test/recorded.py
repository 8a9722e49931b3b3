"""A run folder for tests."""

from run_recorder.recorder_config import RecorderConfig
from run_recorder.recording import Recording

CYCLE = {
    'lateness_ms': 0.0,
    'image_age_ms': 9.0,
    'joint_age_ms': 2.0,
    'weights_age_s': 0.3,
    'response_ms': 5.0,
    'image_to_command_ms': 14.0,
}


def record(folder, episodes, first=1, random_steps=10):
    """Records episodes of 5 steps, 7 s apart, the first at 1007 s, random steps, and a duration of 100 s."""
    config = RecorderConfig(run_folder=str(folder), duration=100.0, random_steps=random_steps)
    recording = Recording(config)
    for number in range(first, first + episodes):
        now = 1000.0 + 7 * number
        recording.cycle(stamp=now, overrun=False, episode=number, step=1, cycle_ms=40.0, **CYCLE)
        recording.steps(5 * number, now)
        recording.episode_ended(
            end=now,
            aborted=False,
            **{'return': float(number)},
            episode=number,
            total_steps=5 * number,
            steps=5,
            duration_s=4.0,
            reset_s=3.0,
            overruns=0,
            changed_steps=3,
            unreported_steps=1,
            stale_images=0,
            refused_stamps=0,
            extrapolated_joints=0,
            older_images=0,
            target_x=0.0,
            target_y=0.0,
            text='',
        )
        recording.clock.save()  # as once a second
    return recording
