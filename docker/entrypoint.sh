#!/bin/bash
# Becomes the command that is given, in the environment of ROS 2 Jazzy and of this workspace.
set -e
source /opt/ur5-rl/install/setup.bash # and with it that of ROS, on which it was built
exec "$@"
