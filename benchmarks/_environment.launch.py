"""Devices, environment and recorder without an agent, for benchmarks that act themselves."""

from pathlib import Path

from ur5_rl_graph.launching import run


def generate_launch_description():
    """Returns the graph of every run, as if it were a launch file beside the others, with no agent."""
    return run(str(Path(__file__).resolve().parents[1] / 'launch/environment.launch.py'), agent=())
