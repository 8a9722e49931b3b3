"""A node that may hang as it leaves, and then does not keep its process."""

from rclpy import node

from ur5_rl_graph.teardown import bounded


class Node(node.Node):
    """As rclpy's; what a node of ours does at its end, it does before it calls this `destroy_node`."""

    def destroy_node(self) -> None:
        """Takes down what DDS has of it."""
        with bounded():
            super().destroy_node()
