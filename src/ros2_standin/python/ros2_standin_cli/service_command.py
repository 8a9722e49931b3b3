"""ros2 service list, call."""

from . import graph
from .errors import CommandError
from .interfaces import fill, load_interface, values_of


def add_parsers(commands) -> None:
    """Add `service` with its verbs."""
    verbs = commands.add_parser('service', help='look at and call services')
    verbs = verbs.add_subparsers(metavar='verb', required=True)
    lister = verbs.add_parser('list', help='services of the graph')
    lister.add_argument('-t', '--show-types', action='store_true')
    lister.set_defaults(main=list_services)
    caller = verbs.add_parser('call', help='call a service')
    caller.add_argument('service')
    caller.add_argument('type', help='package/srv/Name')
    caller.add_argument('values', nargs='?', default='{}', help="request as YAML, as '{seed: 3}'")
    caller.set_defaults(main=call_service)


def list_services(args) -> int:
    """Print the services."""
    with graph.command_node() as node:
        code = graph.settle(node)
        graph.print_names(node.get_service_names_and_types(), args.show_types)
    return code


def call_service(args) -> None:
    """Call once, print request and response; a service that takes long is waited for."""
    service_class = load_interface(args.type, 'srv')
    request = service_class.Request()
    fill(request, values_of(args.values, 'request'))
    name = graph.absolute(args.service)
    with graph.command_node() as node:
        client = node.create_client(service_class, name)
        graph.wait_for(client.service_is_ready, f"service '{name}' ({args.type})", limit_s=10.0)
        print(f'requester: making request: {request!r}\n', flush=True)
        response = graph.call(node, client, request, f'service {name}', limit_s=None)
    if response is None:
        raise CommandError(f'service {name} gave no response')
    print(f'response:\n{response!r}\n')
