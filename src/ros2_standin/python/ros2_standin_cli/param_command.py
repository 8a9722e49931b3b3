"""ros2 param list, get, set, describe."""

from . import graph
from .errors import CommandError
from .node_command import full_names, wait_for_node

_TYPES = ('not set', 'boolean', 'integer', 'double', 'string', 'byte array')
_TYPES += tuple(f'{name} array' for name in _TYPES[1:5])


def add_parsers(commands) -> None:
    """Add `param` with its verbs."""
    verbs = commands.add_parser('param', help='look at and set parameters')
    verbs = verbs.add_subparsers(metavar='verb', required=True)
    lister = verbs.add_parser('list', help='parameters of a node, or of all')
    lister.add_argument('node', nargs='?')
    lister.set_defaults(main=list_parameters)
    for name, function, text in (
        ('get', get_parameter, 'value of a parameter'),
        ('set', set_parameter, 'set a parameter'),
        ('describe', describe_parameter, 'type, description and limits of a parameter'),
    ):
        verb = verbs.add_parser(name, help=text)
        verb.add_argument('node')
        verb.add_argument('name', help='parameter')
        if name == 'set':
            verb.add_argument('value', help='as YAML: 5 is an integer, 5.0 a double')
        verb.set_defaults(main=function)


def list_parameters(args) -> int:
    """Print the parameters' names; a node that does not answer is a failure."""
    from rcl_interfaces.srv import ListParameters

    with graph.command_node() as node:
        code = 0 if args.node else graph.settle(node)
        for name in [graph.absolute(args.node)] if args.node else full_names(node):
            try:
                answer = _ask(node, name, 'list_parameters', ListParameters, ListParameters.Request())
            except CommandError as error:
                if args.node:
                    raise
                print(f'{name}: {error}')
                code = 1
                continue
            if not args.node:
                print(f'{name}:')
            for parameter in sorted(answer.result.names):
                print(f'  {parameter}')
    return code


def get_parameter(args) -> None:
    """Print type and value."""
    from rcl_interfaces.srv import GetParameters
    from rclpy.parameter import parameter_value_to_python

    with graph.command_node() as node:
        request = GetParameters.Request(names=[args.name])
        answer = _ask(node, args.node, 'get_parameters', GetParameters, request)
    if not answer.values or answer.values[0].type == 0:
        raise CommandError(f"node {args.node} has no parameter '{args.name}' that is set")
    value = parameter_value_to_python(answer.values[0])
    kind = _TYPES[answer.values[0].type].capitalize()
    is_array = kind.endswith('array')
    print(
        f'{kind.removesuffix(" array")} values are: {list(value)}'
        if is_array
        else f'{kind} value is: {value}'
    )


def set_parameter(args) -> None:
    """Set a value; the node's refusal is a failure."""
    from rcl_interfaces.msg import Parameter
    from rcl_interfaces.srv import SetParameters
    from rclpy.parameter import get_parameter_value

    value = get_parameter_value(string_value=args.value)
    with graph.command_node() as node:
        request = SetParameters.Request(parameters=[Parameter(name=args.name, value=value)])
        (result,) = _ask(node, args.node, 'set_parameters', SetParameters, request).results
    if not result.successful:
        raise CommandError(f'setting {args.name} failed: {result.reason or "the node gave no reason"}')
    print('Set parameter successful' + (f': {result.reason}' if result.reason else ''))


def describe_parameter(args) -> None:
    """Print what the node declared."""
    from rcl_interfaces.srv import DescribeParameters

    with graph.command_node() as node:
        request = DescribeParameters.Request(names=[args.name])
        descriptors = _ask(node, args.node, 'describe_parameters', DescribeParameters, request).descriptors
    if not descriptors or descriptors[0].type == 0:
        raise CommandError(f"node {args.node} has no parameter '{args.name}'")
    about = descriptors[0]
    print(f'Parameter name: {about.name}\n  Type: {_TYPES[about.type]}')
    if about.description:
        print(f'  Description: {about.description}')
    print('  Constraints:')
    if about.read_only:
        print('    Read only: true')
    for limits in (*about.floating_point_range, *about.integer_range):
        print(f'    Min value: {limits.from_value}\n    Max value: {limits.to_value}')
        if limits.step:
            print(f'    Step: {limits.step}')
    if about.additional_constraints:
        print(f'    Additional constraints: {about.additional_constraints}')


def _ask(node, node_name: str, service: str, service_class, request):
    """The answer of one of a node's parameter services."""
    wait_for_node(node, node_name)
    name = graph.absolute(node_name)
    client = node.create_client(service_class, f'{name}/{service}')
    graph.wait_for(client.service_is_ready, f'parameter service of {name}')
    return graph.call(node, client, request, f'node {name}')
