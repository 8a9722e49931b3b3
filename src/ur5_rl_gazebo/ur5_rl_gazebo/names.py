"""Topics inside Gazebo; config/gazebo/bridge.yaml ties them to those of the graph."""

ARM, DISC = 'ur5', 'disc'
"""Models."""
JOINT_STATES = '/ur5/joint_states'
IMAGE = '/ur5/wrist_camera'
DISC_RIGHT, DISC_UP = '/disc/right', '/disc/up'


def velocity(joint: str) -> str:
    """Returns the topic of a joint's commanded velocity."""
    return f'/ur5/{joint}/velocity'
