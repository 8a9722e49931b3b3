"""Which robots a bag tells of: each has its topics in a namespace of its own."""

from ur5_rl_bags.bag_contents import BagError
from ur5_rl_bags.reader import Bag
from ur5_rl_graph import topics


def namespaces(bag: Bag, *names: str) -> list[str]:
    """Returns the namespaces, with slashes at both ends, in which a bag holds one of some topics.

    Raises:
        BagError: there is none; the line says what there is.
    """
    gazebo = bag.called(topics.GAZEBO_JOINT_STATES.name)  # which no robot of this name has sent
    found = {full.removesuffix(name) for name in names for full in bag.called(name) if full not in gazebo}
    if not found:
        bag.need([f'/{name}' for name in names])
    return sorted(found)


def namespace_of(bag: Bag, asked: str, *names: str) -> str:
    """Returns the namespace of one robot, with slashes at both ends.

    Args:
        bag: of one robot or several.
        asked: namespace of one of them, '/' where it has none; '' = the only one.
        names: of topics of which it has at least one.

    Raises:
        BagError: the bag tells of none, of several, or not of that one.
    """
    found = namespaces(bag, *names)
    wanted = f'/{asked.strip("/")}/'.replace('//', '/') if asked or len(found) > 1 else found[0]
    if wanted not in found or not asked and len(found) > 1:
        listed = ', '.join(name.rstrip('/') or '/' for name in found)
        raise BagError(f"namespace is '{asked}'; {bag.folder} tells of {listed}: name one of them")
    return wanted
