"""ros2 node list, info."""

import sys

from . import graph


def add_parsers(commands) -> None:
    """Add `node` with its verbs."""
    verbs = commands.add_parser('node', help='look at nodes').add_subparsers(metavar='verb', required=True)
    verbs.add_parser('list', help='nodes of the graph').set_defaults(main=list_nodes)
    info = verbs.add_parser('info', help='topics and services of a node')
    info.add_argument('node')
    info.set_defaults(main=show_info)


def full_names(node) -> list[str]:
    """All visible nodes, sorted; a name that two nodes have stands twice."""
    pairs = node.get_node_names_and_namespaces()
    names = [f'{namespace.rstrip("/")}/{name}' for name, namespace in pairs]
    return sorted(name for name in names if not graph.is_hidden(name))


def wait_for_node(node, name: str) -> tuple[str, str]:
    """Namespace and base name of a node, once it is seen.

    Raises:
        CommandError: it is not seen.
    """
    full = graph.absolute(name)
    graph.wait_for(lambda: full in full_names(node), f"node '{full}'")
    namespace, _, base = full.rpartition('/')
    return namespace or '/', base


def list_nodes(args) -> int:
    """Print the nodes."""
    with graph.command_node() as node:
        code = graph.settle(node)
        names = full_names(node)
    print('\n'.join(names), end='\n' if names else '')
    if len(set(names)) < len(names):
        print('WARNING: nodes share a name', file=sys.stderr)
    return code


def show_info(args) -> int:
    """Print what a node publishes, subscribes, offers and calls."""
    with graph.command_node() as node:
        namespace, name = wait_for_node(node, args.node)
        code = graph.settle(node)
        print(graph.absolute(args.node))
        for title, query in (
            ('Subscribers', node.get_subscriber_names_and_types_by_node),
            ('Publishers', node.get_publisher_names_and_types_by_node),
            ('Service Servers', node.get_service_names_and_types_by_node),
            ('Service Clients', node.get_client_names_and_types_by_node),
        ):
            print(f'  {title}:')
            for topic, types in sorted(query(name, namespace)):
                print(f'    {topic}: {", ".join(types)}')
    return code
