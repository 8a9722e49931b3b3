"""What a camera cannot see: balls beside and behind the pyramid of its view."""

import numpy as np
import pytest

from ur5_cell.in_view import in_view

SIDES = np.array([1.0, 0.5])  # 45 degrees to the right, 26.6 upwards


@pytest.mark.parametrize(
    ('place', 'radius', 'seen'),
    [
        ((0.0, 0.0, -1.0), 0.0, True),
        ((0.0, 0.0, 1.0), 0.1, False),  # behind the camera
        ((0.0, 0.0, 0.05), 0.1, True),  # it holds the camera
        ((1.9, 0.0, -2.0), 0.0, True),
        ((2.1, 0.0, -2.0), 0.0, False),
        ((-2.1, 0.0, -2.0), 0.0, False),
        ((-2.1, 0.0, -2.0), 0.08, True),  # 0.1 beside, 0.071 from the plane of that side
        ((-2.1, 0.0, -2.0), 0.06, False),
        ((0.0, 0.9, -2.0), 0.0, True),
        ((0.0, 1.1, -2.0), 0.0, False),
        ((0.0, -1.1, -2.0), 0.0, False),
        ((0.0, -1.1, -2.0), 0.1, True),  # 0.089 from the plane of that side
        ((0.0, -1.1, -2.0), 0.08, False),
        ((9.0, 9.0, 9.0), np.inf, True),
    ],
)
def test_a_ball_is_seen_where_it_reaches_into_the_pyramid(place, radius, seen):
    assert in_view(np.array([place]), np.array([radius]), SIDES).tolist() == [seen]
