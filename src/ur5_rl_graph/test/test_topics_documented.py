"""docs/topics.md names every topic and service of the code with its type, and nothing else."""

import re
from pathlib import Path

import pytest

topics = pytest.importorskip('ur5_rl_graph.topics')

PAGE = (Path(__file__).resolve().parents[3] / 'docs/topics.md').read_text()


def type_name(ros_type):
    return f'{ros_type.__module__.split(".")[0]}/{ros_type.__name__}'


@pytest.mark.parametrize('entry', topics.TOPICS + topics.SERVICES, ids=lambda entry: entry.name)
def test_documented_with_its_type(entry):
    lines = [line for line in PAGE.splitlines() if f'`{entry.name}`' in line]
    assert lines, f'{entry.name} is not in docs/topics.md'
    paragraph = '\n'.join(lines) + PAGE[PAGE.index(lines[0]) :][:400]
    assert type_name(entry.type) in paragraph


def test_nothing_documented_that_does_not_exist():
    known = {entry.name for entry in topics.TOPICS + topics.SERVICES}
    first_cells = [line.split('|')[1] for line in PAGE.splitlines() if line.startswith('| `')]
    named = {name for cell in first_cells for name in re.findall(r'`([^`]+)`', cell)}
    assert named <= known


QUALITIES = {
    'newest': topics.NEWEST,
    'recent': topics.RECENT,
    'stream': topics.STREAM,
    'latched': topics.LATCHED,
    'remembered': topics.REMEMBERED,
}


@pytest.mark.parametrize('topic', topics.TOPICS, ids=lambda topic: topic.name)
def test_quality_of_service(topic):
    row = next((line for line in PAGE.splitlines() if line.startswith(f'| `{topic.name}`')), None)
    quality = row.split('|')[3].strip() if row else 'stream'  # the monitor topics share one sentence
    assert QUALITIES[quality] is topic.qos
