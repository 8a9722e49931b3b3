"""What the controller watches the arm for: each finding is a protective stop."""

from collections.abc import Sequence

from ur5_cell.robot_config import RobotConfig


def finding(config: RobotConfig, target: Sequence[float], q: Sequence[float], qd: Sequence[float]) -> str:
    """What is wrong with the arm, in a line; '' where nothing is.

    A joint that does not follow its target has met something: nothing else tells of a collision.

    Args:
        config: for the limits.
        target: where the joints are to be [rad], 6 floats; the object `q` itself where the arm is ideal.
        q: where they are [rad], 6 floats.
        qd: their velocities [rad/s], 6 floats.
    """
    for joint, (angle, rate) in enumerate(zip(q, qd, strict=True)):
        if abs(rate) > config.joint_speed_limit:
            return f'joint {joint} at {rate:.2f} rad/s (limit {config.joint_speed_limit:.2f})'
        if abs(angle) > config.joint_limit and angle * rate > 0.0:
            return f'joint {joint} at {angle:.3f} rad (limit {config.joint_limit:.3f})'
    if q is target:
        return ''
    lags = [abs(a - b) for a, b in zip(target, q, strict=True)]
    if max(lags) <= config.following_limit:
        return ''
    return (
        f'joint {lags.index(max(lags))} is {max(lags):.2f} rad from its target '
        f'(limit {config.following_limit:.2f}); what is in its way?'
    )
