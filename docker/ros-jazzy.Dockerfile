# This project on ROS 2 Jazzy's own packages, with rviz2, rqt, rosbag2 and Gazebo Harmonic. From the root of the checkout:
#   docker build -f docker/ros-jazzy.Dockerfile -t ur5rl:ros-jazzy .
# Never built: no registry of images could be reached where this was written.
ARG BASE=ros:jazzy
# The package.xml files alone: a change of code leaves the layers made from them as they are.
FROM ${BASE} AS manifests
WORKDIR /manifests
COPY src /src
RUN cd /src && find . -name package.xml -exec cp --parents -t /manifests {} +

FROM ${BASE}
# Where a torch without CUDA is to be had, for an image that is gigabytes smaller; none = PyPI's, with CUDA.
ARG TORCH_INDEX=

ENV LANG=C.UTF-8
RUN apt-get update \
  && apt-get install -y --no-install-recommends \
    python3-venv \
    ros-jazzy-ros-gz \
    ros-jazzy-rosbag2 \
    ros-jazzy-rosbag2-storage-mcap \
    ros-jazzy-rqt \
    ros-jazzy-rqt-common-plugins \
    ros-jazzy-rqt-runtime-monitor \
    ros-jazzy-rviz2 \
    tini \
  && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/ur5-rl

# What rosdep knows.
COPY --from=manifests /manifests src
RUN apt-get update \
  && rosdep update --rosdistro jazzy \
  && rosdep install --from-paths src --ignore-src --rosdistro jazzy --default-yes \
  && rm -rf /var/lib/apt/lists/*

# What it does not. Beside the system's packages, none of which pip may replace; PYTHONPATH shows them to colcon and
# to the nodes, which run with the system's Python.
COPY tools/requirements.txt tools/requirements-system-ros.txt tools/constraints.txt tools/
RUN python3 -m venv --system-site-packages /opt/venv \
  && /opt/venv/bin/pip install --no-cache-dir ${TORCH_INDEX:+--extra-index-url ${TORCH_INDEX}} \
    -c tools/constraints.txt -r tools/requirements.txt -r tools/requirements-system-ros.txt
ENV PYTHONPATH=/opt/venv/lib/python3.12/site-packages

# The messages: minutes of C++.
COPY src/ur5_rl_interfaces src/ur5_rl_interfaces
RUN . /opt/ros/jazzy/setup.sh && colcon build --packages-select ur5_rl_interfaces

# All else: seconds. Copying has made the messages' files newer than what was built from them; they are not.
COPY . .
RUN find src/ur5_rl_interfaces -exec touch -d 2000-01-01 {} + \
  && . /opt/ros/jazzy/setup.sh \
  && colcon build

# Ubuntu's image has a user 1000; both images run as that, or shared memory of the one is closed to the other.
RUN install -d -m 1777 results /home/ubuntu
ENV HOME=/home/ubuntu ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST
USER 1000

HEALTHCHECK --interval=30s --timeout=10s --start-period=120s CMD ["python3", "docker/healthy.py"]
# The real launch ends its nodes on SIGINT; on SIGTERM it leaves them.
STOPSIGNAL SIGINT
ENTRYPOINT ["tini", "--", "/opt/ur5-rl/docker/entrypoint.sh"]
CMD ["ros2", "launch", "ur5_rl_bringup", "async_sac_2.launch.py", "--show-args"]
