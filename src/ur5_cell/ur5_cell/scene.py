"""The simulated room: the arm with a camera on its flange, a monitor in front of it, drawn off screen.

Nothing here moves by itself: every picture is drawn for given joint angles and a given target. The
chain is made of the same Denavit-Hartenberg numbers as `kinematics`, so the camera sits exactly where the
guard and the reward believe it to be. World frame = `base_link`.
"""

import ctypes.util
import math
import os
from collections.abc import Sequence

import cv2
import numpy as np

from ur5_cell.in_view import in_view
from ur5_cell.room import (
    DISC_THICKNESS,
    FLOOR,
    ROOM_COLOURS,
    SHINING,
    disc_centre,
    monitor,
    pedestal,
)
from ur5_cell.ur5_model import arm_xml, geom
from ur5_rl_env.robot_models import MODELS
from ur5_rl_env.scene_config import SceneConfig


def _choose_offscreen_opengl() -> None:
    """Sets MUJOCO_GL, which MuJoCo reads while it is imported, to a library that this machine has."""
    # Software OpenGL draws in the calling thread: handing 160x90 pixels to workers that wait for a busy
    # core costs more than it gains. A graphics card ignores this.
    os.environ.setdefault('LP_NUM_THREADS', '0')
    if 'MUJOCO_GL' in os.environ:
        return
    for name, library in (('egl', 'EGL'), ('osmesa', 'OSMesa')):
        if ctypes.util.find_library(library):
            os.environ['MUJOCO_GL'] = name
            return
    raise OSError('no OpenGL for off-screen pictures; install it: apt install libegl1 (or libosmesa6)')


def _no_pictures(error: Exception) -> OSError:
    return OSError(
        f'no off-screen picture with MUJOCO_GL={os.environ["MUJOCO_GL"]} ({" ".join(str(error).split())}); '
        'install software OpenGL: apt install libegl1 (or libosmesa6 and MUJOCO_GL=osmesa)'
    )


_choose_offscreen_opengl()
try:
    import mujoco  # after its OpenGL is chosen
except (ImportError, AttributeError, RuntimeError) as failure:
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, KeyboardInterrupt):  # pybind11 makes an ImportError of a Ctrl-C in its modules
            raise KeyboardInterrupt from None
        cause = cause.__cause__
    raise _no_pictures(failure) from failure


class Scene:
    """Draws what the wrist camera sees. Bound to the thread that made it (OpenGL)."""

    def __init__(self, config: SceneConfig | None = None) -> None:
        """Builds the model; raises OSError where there is no off-screen OpenGL."""
        self.config = config or SceneConfig()
        self._model = mujoco.MjModel.from_xml_string(scene_xml(self.config))
        self._data = mujoco.MjData(self._model)
        self._renderers: dict[tuple[int, int], mujoco.Renderer] = {}
        self._camera = self._model.camera('wrist').id
        self._overview = self._model.camera('overview').id
        self._target = int(self._model.body('target').mocapid[0])
        self._groups = self._model.geom_group.copy()
        plane = self._model.geom_type == mujoco.mjtGeom.mjGEOM_PLANE
        self._radii = np.where(plane, np.inf, self._model.geom_rbound)  # [m], of the ball that holds a shape

    def render(
        self, q: Sequence[float], target_xy: Sequence[float] | None, height: int, width: int
    ) -> np.ndarray:
        """Returns the wrist camera's picture, (height, width, 3) uint8 BGR.

        Args:
            q: six joint angles [rad].
            target_xy: centre of the disc in screen coordinates [m], right and up; None = a white screen.
            height: of the picture [pixel], at most 1440.
            width: of the picture [pixel], at most 2560.
        """
        self._place(q, target_xy)
        half_width = math.tan(math.radians(self.config.horizontal_fov / 2))
        half_height = half_width * height / width
        self._model.cam_fovy[self._camera] = math.degrees(2 * math.atan(half_height))
        self._leave_out(np.array([half_width, half_height]))
        return self._draw(self._camera, height, width, _WRIST_VIEW)

    def render_overview(
        self, q: Sequence[float], target_xy: Sequence[float] | None, height: int = 720, width: int = 1280
    ) -> np.ndarray:
        """Returns the room seen from beside the arm, (height, width, 3) uint8 BGR."""
        self._place(q, target_xy)
        self._model.geom_group[:] = self._groups
        fine = self._draw(self._overview, 2 * height, 2 * width, _OVERVIEW)
        return cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)  # smooth edges

    def close(self) -> None:
        """Frees the OpenGL contexts."""
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers.clear()

    def _place(self, q: Sequence[float], target_xy: Sequence[float] | None) -> None:
        self._data.qpos[:] = q
        right, up = (0.0, -10.0) if target_xy is None else target_xy  # without a target: under the floor
        self._data.mocap_pos[self._target] = disc_centre(self.config, right, up)
        mujoco.mj_kinematics(self._model, self._data)
        mujoco.mj_camlight(self._model, self._data)

    def _leave_out(self, sides: np.ndarray) -> None:
        """Hides what the wrist camera cannot see, most of the arm: half the time of drawing, no pixel."""
        camera = self._data.cam_xmat[self._camera].reshape(3, 3)
        places = (self._data.geom_xpos - self._data.cam_xpos[self._camera]) @ camera
        self._model.geom_group[:] = np.where(in_view(places, self._radii, sides), self._groups, _HIDDEN)

    def _draw(self, camera: int, height: int, width: int, view: mujoco.MjvOption) -> np.ndarray:
        renderer = self._renderers.get((height, width)) or self._make_renderer(height, width)
        renderer.update_scene(self._data, camera, view)
        for flag in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION):
            renderer.scene.flags[flag] = 0  # 26 ms a frame with them in software OpenGL, 1 ms without
        return cv2.cvtColor(renderer.render(), cv2.COLOR_RGB2BGR)

    def _make_renderer(self, height: int, width: int) -> mujoco.Renderer:
        try:
            renderer = mujoco.Renderer(self._model, height, width)
        except (ImportError, AttributeError, RuntimeError, mujoco.FatalError) as error:
            raise _no_pictures(error) from error
        self._renderers[height, width] = renderer
        return renderer


_HIDDEN = 5
"""Group of shapes that no view draws."""
_SPECULAR = {'bezel': 0.1, 'steel': 0.2, 'tube': 0.3, 'cap': 0.3}


def _material(name: str) -> str:
    rgba = ' '.join(map(str, (*ROOM_COLOURS[name], 1)))
    emission = 'emission="1" ' if name in SHINING else ''
    return f'<material name="{name}" rgba="{rgba}" {emission}specular="{_SPECULAR.get(name, 0)}"/>'


def scene_xml(config: SceneConfig) -> str:
    """Returns the MJCF model of the room."""
    shapes = (*pedestal().values(), *monitor(config).values())
    x, y, z = disc_centre(config, 0.0, 0.0)
    disc = f'size="{config.target_radius} {DISC_THICKNESS / 2}" zaxis="0 1 0" material="target"'
    return f"""
<mujoco model="ur5_cell">
  <compiler angle="radian"/>
  <statistic extent="1.5" center="0 0.4 0.5"/>
  <visual>
    <quality shadowsize="0" offsamples="0"/>
    <map znear="0.01" zfar="10"/>
    <global offwidth="2560" offheight="1440"/>
    <headlight ambient="0.35 0.35 0.35" diffuse="0.3 0.3 0.3" specular="0.1 0.1 0.1"/>
  </visual>
  <asset>
    {''.join(map(_material, ROOM_COLOURS))}
  </asset>
  <worldbody>
    <light directional="true" pos="0 0 3" dir="0.3 0.5 -1" diffuse="0.5 0.5 0.5" specular="0 0 0"/>
    <camera name="overview" pos="1.35 -0.62 1.02" fovy="40" mode="targetbody" target="aim"/>
    <body name="aim" pos="-0.05 0.40 0.36"/>
    <geom type="plane" size="4 4 0.1" pos="0 0 {FLOOR}" material="floor"/>
    {''.join(map(geom, shapes))}
    <body name="target" mocap="true" pos="{x} {y} {z}">
      <geom type="cylinder" {disc}/>
    </body>
{arm_xml(MODELS[config.robot_model])}
  </worldbody>
</mujoco>
"""


def _view(camera_housing: bool) -> mujoco.MjvOption:
    option = mujoco.MjvOption()
    option.geomgroup[:] = 0
    option.geomgroup[0] = 1
    option.geomgroup[1] = camera_housing
    return option


_WRIST_VIEW = _view(camera_housing=False)  # the camera does not see its own housing
_OVERVIEW = _view(camera_housing=True)
