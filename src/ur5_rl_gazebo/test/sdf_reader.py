"""A model of SDF as a simulator reads it: where links, frames and what hangs on them are, for any angles."""

from math import cos, sin

import numpy as np


def matrix(element):
    """The pose that a <pose> says, (4, 4): x, y, z; roll, pitch and yaw about fixed axes."""
    found = np.eye(4)
    if element is not None:
        x, y, z, roll, pitch, yaw = map(float, element.text.split())
        found[:3, :3] = turn(2, yaw) @ turn(1, pitch) @ turn(0, roll)
        found[:3, 3] = x, y, z
    return found


def turn(axis, angle):
    """The rotation about one of the axes, (3, 3)."""
    found = np.eye(3)
    a, b = (axis + 1) % 3, (axis + 2) % 3
    found[a, a] = found[b, b] = cos(angle)
    found[b, a], found[a, b] = sin(angle), -sin(angle)
    return found


class Model:
    """One model; `angles` of its joints are zero until they are set.

    SDF says where things are when all joints are at zero. A joint moves its child, and all that is attached
    to it, about its own frame; a frame moves with what it is attached to.
    """

    def __init__(self, element):
        self.element = element
        self.angles = {}
        self._named = {part.get('name'): part for part in element if part.tag in ('link', 'joint', 'frame')}
        self._above = {
            joint.findtext('child'): joint for joint in element.findall('joint')
        }  # the joint that carries a link

    def at_zero(self, name):
        """The pose of a link, joint or frame in the model while all joints are at zero."""
        if not name:
            return matrix(self.element.find('pose'))
        part = self._named[name]
        pose = part.find('pose')
        of = '' if pose is None else pose.get('relative_to', '')
        if not of and part.tag == 'joint':
            of = part.findtext('child')
        return self.at_zero(of) @ matrix(pose)

    def pose(self, name):
        """The pose of a link or frame in the world for the present angles."""
        return self._moved(self._link_of(name)) @ self.at_zero(name)

    def of_part(self, link, part):
        """The pose of a visual, collision or sensor of a link in the world."""
        pose = part.find('pose')
        of = link if pose is None else pose.get('relative_to') or link
        return self._moved(link) @ self.at_zero(of) @ matrix(pose)

    def _moved(self, link):
        """What the joints above a link have moved it by, in the world."""
        joint = self._above.get(link)
        if joint is None:
            return np.eye(4)
        parent = joint.findtext('parent')
        above = np.eye(4) if parent == 'world' else self._moved(self._link_of(parent))
        place = self.at_zero(joint.get('name'))
        return above @ place @ self._motion(joint) @ np.linalg.inv(place)

    def _motion(self, joint):
        moved = np.eye(4)
        value = self.angles.get(joint.get('name'), 0.0)
        if value:
            axis = np.array(list(map(float, joint.findtext('axis/xyz').split())))
            if joint.get('type') == 'prismatic':
                moved[:3, 3] = value * axis
            else:
                assert axis.tolist() == [0.0, 0.0, 1.0]
                moved[:3, :3] = turn(2, value)
        return moved

    def _link_of(self, name):
        part = self._named[name]
        if part.tag == 'link':
            return name
        attached = part.get('attached_to') or (part.find('pose').get('relative_to') or '')
        return self._link_of(attached) if attached else ''
