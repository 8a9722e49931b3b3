#!/usr/bin/env bash
# Tries what needs ROS 2 Jazzy's own packages, in the image of docker/ros-jazzy.Dockerfile, and prints a table.
#   docker/verify.sh [FOLDER]    for logs, runs and screenshots; default: results/verify; an empty one
# Needs Docker and 15 GB. Exit code: 0 where all passed, 1 else. Never run: there was no Docker.
# shellcheck disable=SC2317,SC2329 # functions that `try` calls
set -euo pipefail

# --- on the host: the image, with what tests need beside it, and this script in it ---

if [ "${1:-}" != --inside ]; then
  folder=$(realpath -m "${1:-$(dirname "$0")/../results/verify}")
  mkdir -p "$folder"
  if [ -n "$(ls -A "$folder")" ]; then
    echo "verify.sh: $folder holds something, and runs need a new one: name another" >&2
    exit 2
  fi
  cd "$(dirname "$0")/.."
  # Without CUDA: gigabytes less, for a public host has little room.
  docker build -f docker/ros-jazzy.Dockerfile -t ur5rl:ros-jazzy --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cpu .
  docker build -t ur5rl:verify - <<'DOCKERFILE'
FROM ur5rl:ros-jazzy
USER root
RUN apt-get update \
  && apt-get install -y --no-install-recommends imagemagick xvfb \
  && rm -rf /var/lib/apt/lists/* \
  && /opt/venv/bin/pip install --no-cache-dir -c tools/constraints.txt \
    -r tools/requirements-system-ros.txt -r tools/requirements-dev.txt
DOCKERFILE
  # As root, since colcon test writes beside what was built. Shared memory is DDS's.
  exec docker run --rm --shm-size 512m --volume "$folder:/verify" \
    --volume "$PWD/docker/verify.sh:/verify.sh:ro" ur5rl:verify /verify.sh --inside
fi

# --- in the container; the entrypoint has sourced ROS and the workspace ---

cd /opt/ur5-rl
out=/verify
rows=()
failed=0

# try NAME COMMAND...: runs it with a log of its own, and notes how it ended.
try() {
  local name=$1 verdict=passed
  shift
  echo "--- $name"
  if ! ("$@") >"$out/$name.log" 2>&1 </dev/null; then
    verdict=FAILED
    failed=1
    tail -n 20 "$out/$name.log"
  fi
  rows+=("$(printf '%-7s %s' "$verdict" "$name")")
}

# A run that ends by itself, by what it leaves: the real ros2 launch ends with 0 whatever became of its processes.
launched() {
  local left=$1 name=$2
  shift 2
  timeout --kill-after 60 600 ros2 launch ur5_rl_bringup "$name.launch.py" "output:=$out/run_$name" "$@" \
    && test -s "$out/run_$name/$left" && ! grep -q '"complete": false' "$out/run_$name/$left"
}

# With how many there were: none would be well, too.
tested() {
  colcon test --return-code-on-test-failure && colcon test-result --all | grep 'Summary: [1-9]'
}

# In Gazebo, too: what is skipped has not been seen.
in_gazebo() {
  python3 -m pytest test/gazebo -rs && ! grep -q '^SKIPPED' "$out/gazebo.log"
}

# played COMMAND...: it plays the shipped bag and ends; the end of an episode is heard meanwhile.
played() {
  timeout 90 ros2 topic echo --once /episode ur5_rl_interfaces/msg/Episode >"$out/episode.yaml" &
  local listener=$!
  sleep 5
  timeout --kill-after 60 300 "$@" && wait "$listener" && grep episode_return "$out/episode.yaml"
}

# rviz2 and rqt with their layouts, while the shipped bag plays; a picture of few colours shows nothing. It comes
# last: what it starts ends with the container.
pictured() {
  export DISPLAY=:99
  Xvfb "$DISPLAY" -screen 0 1600x1000x24 &
  sleep 3
  ros2 launch ur5_rl_bringup monitor.launch.py &
  ros2 bag play bags/reaching_small --loop --disable-keyboard-controls &
  sleep 40
  import -window root "$out/monitor.png" && test "$(identify -format %k "$out/monitor.png")" -gt 100
}

try colcon_test tested
try gazebo in_gazebo
for file in launch/*.launch.py; do
  try "arguments_$(basename "$file" .launch.py)" ros2 launch ur5_rl_bringup "$(basename "$file")" --show-args
done
for name in seq_sac async_sac_1 async_sac_2; do
  try "launch_$name" launched summary.json "$name" "setting:=$PWD/test/smoke.yaml" duration:=10 view:=true record:=true
done
try launch_evaluate launched summary.json evaluate episodes:=2
try launch_calibrate launched calibrated.yaml calibrate
try launch_replay played ros2 launch ur5_rl_bringup replay.launch.py rate:=4 viewers:=false
try gymnasium python3 -m pytest test/test_graph_gymnasium.py # the graph without an agent, stepped
try recorded_by_rosbag2 ros2 bag info "$out/run_async_sac_2/bag"
try replayed_from_rosbag2 python3 -m ur5_rl_bags.exact_replay "$out/run_async_sac_2"
try bag_info ros2 bag info bags/reaching_small
try bag_play played ros2 bag play bags/reaching_small --rate 4 --disable-keyboard-controls
try rviz_and_rqt pictured

chown -R --reference="$out" "$out" # the person's, not root's
printf '\n%s\n' "--- all"
printf '%s\n' "${rows[@]}"
exit "$failed"
