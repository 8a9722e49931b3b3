"""When a command has found the whole graph: there is no daemon that knows it already.

A command that has just begun knows nobody. It is told of the others one by one, within a tenth of a second as
a rule and some seconds on a busy machine, so that no pause in what it is told means that it knows all.
But who is on this host can be counted: every participant (a process, in our graph) holds a UDP port of its
own for discovery, whose number follows from the domain (RTPS 2.2, 9.6.1.1), and the kernel lists the ports.
The graph counts as known when each of them was found, every end point has its node, and nothing new has come
for 0.6 s.
Participants of other hosts cannot be counted: where there may be some and nobody was found yet, 4 s.
"""

import os
import time
from pathlib import Path

_POLL_S = 0.05
_QUIET_POLLS = 12  # 0.6 s: what has been found has not changed; polls, for a starved command counts slowly
_ALONE_POLLS = 80  # 4 s, on a network: a first announcement that is missed is repeated after 3 s
_MISSING_POLLS = 200  # 10 s: who has been silent for so long hangs, or cannot be reached
_TABLES = (Path('/proc/net/udp'), Path('/proc/net/udp6'))
_EVERYBODY = 'ros_discovery_info'  # a topic on which each participant publishes its nodes
_UNKNOWN = '_NODE_NAME_UNKNOWN_'  # rmw's, of an end point that came before them


def participants_here(domain: int, tables=_TABLES) -> int:
    """How many participants of a domain there are on this host.

    Args:
        domain: ROS_DOMAIN_ID.
        tables: the kernel's lists of UDP sockets; one that is not there counts as empty.
    """
    first = 7400 + 250 * domain + 10
    ports = {
        int(line.split()[1].rpartition(':')[2], 16)
        for table in tables
        if table.is_file()
        for line in table.read_text(encoding='ascii').splitlines()[1:]
    }
    return sum(port in ports for port in range(first, first + 240, 2))


def settle(node, count=participants_here, sleep=time.sleep) -> str:
    """Wait until the graph is known.

    Args:
        node: the command's.
        count: says how many participants of a domain there are on this host, this one included.
        sleep: waits [s].

    Returns:
        What is still missing, in words, where the wait was given up; else ''.
    """
    domain = node.context.get_domain_id()
    known, unchanged = None, 0
    while True:
        here = count(domain)
        found, nameless, seen = _look(node)
        unchanged = unchanged + 1 if seen == known else 0
        known = seen
        missing = max(0, here - found)
        everybody = not missing and not nameless
        if unchanged >= (_needed(found) if everybody else _MISSING_POLLS):
            break
        sleep(_POLL_S)
    if everybody:
        return ''
    who = [f'{missing} of {here} programs of this host (domain {domain})'] if missing else []
    who += [f'the nodes of {nameless} end points'] if nameless else []
    return f'{" and ".join(who)} not found in {_MISSING_POLLS * _POLL_S:.0f} s'


def _needed(found: int) -> int:
    """Polls without a change after which nobody is expected any more, where all of this host are known."""
    nobody_else = os.environ.get('ROS_AUTOMATIC_DISCOVERY_RANGE', '').upper() in ('LOCALHOST', 'OFF')
    return _QUIET_POLLS if found > 1 or nobody_else else _ALONE_POLLS


def _look(node) -> tuple[int, int, tuple]:
    """Participants found, end points whose node is not known yet, and all that is known."""
    nodes = node.get_node_names_and_namespaces()
    topics = node.get_topic_names_and_types()
    found = len(node.get_publishers_info_by_topic(_EVERYBODY, no_mangle=True))
    end_points = [
        end_point
        for name, _ in topics
        for end_point in (
            *node.get_publishers_info_by_topic(name),
            *node.get_subscriptions_info_by_topic(name),
        )
    ]
    nameless = sum(end_point.node_name == _UNKNOWN for end_point in end_points)
    seen = sorted(nodes), sorted(topics), sorted(node.get_service_names_and_types()), len(end_points)
    return found, nameless, (found, nameless, *seen)
