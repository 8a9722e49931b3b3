"""The names of the frames that our messages name; where they are says docs/units_and_frames.md."""

BASE_LINK = 'base_link'
"""Foot of the arm, z up, the monitor at +y: as in Universal Robots' own description of the arm."""
TOOL0 = 'tool0'
"""At the middle of the tool flange, z out of it: there, too."""
CAMERA_FRAME = 'camera_link'
"""Of the wrist camera: x along the optical axis, z up in the picture (REP 103)."""
OPTICAL_FRAME = 'camera_optical_frame'
"""z along the optical axis, x right, y down in the picture (REP 103)."""
MONITOR = 'monitor'
"""Centre of the screen, x right and y up as the arm sees it, z out of it."""
