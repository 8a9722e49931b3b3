"""The panels of the live view, in the viewer of rerun-sdk."""

import rerun.blueprint as rrb

from ur5_rl_env.frames import BASE_LINK

WALL = (235, 238, 242)
EYE = (1.1, -0.65, 0.9)
LOOKED_AT = (-0.05, 0.4, 0.4)
"""Where the room is seen from, and what is in the middle, in base_link [m]."""


def layout(live: bool) -> rrb.Blueprint:
    """Returns the sign above all; the room and both images; the curves; the log below.

    Args:
        live: whether the page follows what comes; else it plays from the beginning.
    """
    sign = rrb.Spatial2DView(origin='sign', name='how it is')
    room = rrb.Spatial3DView(
        origin='/',
        contents=['robot/**', 'frames/**', 'scene/**', '- robot/ur5/collision_geometries/**'],
        name='room',
        background=WALL,
        spatial_information=rrb.SpatialInformation(BASE_LINK),
        eye_controls=rrb.EyeControls3D(position=EYE, look_target=LOOKED_AT, eye_up=(0, 0, 1)),
    )
    images = [
        rrb.Spatial2DView(origin=f'pictures/{name}', name=title)
        for name, title in (('camera', 'camera'), ('network', 'what the network sees'))
    ]
    left = rrb.Vertical(room, rrb.Horizontal(*images), row_shares=[3, 2])
    curves = [
        _curves('return of each episode', 'return'),
        _curves('reward', 'reward'),
        _curves('cycle and response [ms]', 'cycle'),
        _curves('updates per s', 'updates/rate'),
        _curves('updates', 'updates/count'),
        _curves('age of the weights [s]', 'weights'),
        _curves('entropy', 'policy/entropy'),
        _curves('temperature', 'policy/temperature'),
    ]
    right = rrb.Grid(*curves, grid_columns=2)
    log = rrb.TextLogView(origin='log', name='log')
    return rrb.Blueprint(
        rrb.Vertical(sign, rrb.Horizontal(left, right, column_shares=[1, 1]), log, row_shares=[1, 9, 2]),
        rrb.TimePanel(state='collapsed', timeline='time', play_state='following' if live else 'playing'),
        rrb.BlueprintPanel(state='hidden'),
        rrb.SelectionPanel(state='hidden'),
    )


def _curves(name: str, path: str) -> rrb.TimeSeriesView:
    return rrb.TimeSeriesView(origin=f'curves/{path}', name=name, plot_legend=rrb.PlotLegend(visible=False))
