"""The target's window on a virtual X display, looked at through the display's own frame buffer."""

import ctypes
import shutil
import struct
import subprocess
import sys
import time

import numpy as np
import pytest

from ur5_rl_env.target import ScreenConfig

WIDTH, HEIGHT = 640, 360

pytestmark = [
    pytest.mark.display,
    pytest.mark.skipif(shutil.which('Xvfb') is None, reason='no virtual X display: apt install xvfb'),
]


@pytest.fixture(scope='module')
def display(tmp_path_factory):
    """A virtual display: (its name, a function that returns its picture as (H, W, 3) BGR)."""
    pytest.importorskip('tkinter', reason='no tkinter: apt install python3-tk')
    folder = tmp_path_factory.mktemp('xvfb')
    # The server chooses a free number by itself and writes it to stdout.
    command = ['Xvfb', '-displayfd', '1', '-nolisten', 'tcp', '-fbdir', str(folder)]
    command += ['-screen', '0', f'{WIDTH}x{HEIGHT}x24']
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        number = server.stdout.readline().strip()
        assert number, 'Xvfb did not start'
        yield f':{number}', lambda: read_xwd(folder / 'Xvfb_screen0')
    finally:
        server.terminate()
        server.wait(10)


def read_xwd(path):
    """The picture in an X window dump of 32 bits a pixel."""
    data = path.read_bytes()
    words = struct.unpack('>25I', data[:100])
    header, width, height, step, colours = words[0], words[4], words[5], words[12], words[19]
    pixels = np.frombuffer(data, np.uint8, height * step, header + 12 * colours)
    return pixels.reshape(height, step)[:, : 4 * width].reshape(height, width, 4)[:, :, :3]


def wait_for(look, is_there):
    """The picture once `is_there`; the server paints a moment after the call."""
    for _ in range(1000):
        picture = look()
        if is_there(picture):
            return picture
        time.sleep(0.02)
    raise AssertionError('the window was not painted within 20 s')


def red(picture):
    return (picture == (0, 0, 255)).all(axis=2)


def is_shown(picture, column, row):
    """Whether the disc is there, 20 pixels in radius, and everything else white (painted piece by piece)."""
    disc = red(picture)
    if not disc.any():
        return False
    rows, columns = np.nonzero(disc)
    centre = [columns.mean(), rows.mean()] == pytest.approx([column, row], abs=1.0)
    return centre and disc.sum() == pytest.approx(np.pi * 20**2, rel=0.05) and (picture[~disc] == 255).all()


def test_disc_appears_where_it_is_said_to_be(display):
    from ur5_rl_env.devices.monitor_window import MonitorWindow

    name, look = display
    screen = ScreenConfig(screen_width=0.64, screen_height=0.36, target_radius=0.02)  # 1 mm a pixel
    window = MonitorWindow(name, screen)
    try:
        for x, y in ((0.0, 0.0), (0.25, 0.12), (-0.3, -0.16)):
            window.show(x, y)
            column, row = 320 + 1000 * x, 180 - 1000 * y
            wait_for(look, lambda picture, c=column, r=row: is_shown(picture, c, r))
    finally:
        window.close()


def test_window_keeps_to_its_place_on_a_display_of_several_monitors(display):
    from ur5_rl_env.devices.monitor_window import MonitorWindow

    name, look = display
    window = MonitorWindow(name, ScreenConfig(), '320x180+320+0')
    try:
        window.show(0.0, 0.0)
        picture = wait_for(look, lambda p: red(p)[90, 480])
        elsewhere = np.concatenate([picture[:180, :320].reshape(-1), picture[180:].reshape(-1)])
        assert (elsewhere == 0).mean() > 0.99  # all but the mouse pointer
    finally:
        window.close()


def test_wrong_places_and_displays_are_refused_in_words(display):
    from ur5_rl_env.devices.monitor_window import MonitorWindow

    with pytest.raises(ValueError, match="display_place is 'left'; write WIDTHxHEIGHT"):
        MonitorWindow(display[0], ScreenConfig(), 'left')
    code = "from ur5_rl_env.devices.monitor_window import *; MonitorWindow(':987', ScreenConfig())"
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, timeout=60)
    assert "display ':987' cannot be opened" in done.stderr.splitlines()[-1]


def change_mode(display, width, height):
    """Does what `xrandr` does, or a desktop where a monitor is unplugged: the screen has another size."""
    try:
        x, randr = ctypes.CDLL('libX11.so.6'), ctypes.CDLL('libXrandr.so.2')
    except OSError as error:
        pytest.skip(f'{error}: apt install libxrandr2')
    x.XOpenDisplay.restype, x.XDefaultRootWindow.restype = ctypes.c_void_p, ctypes.c_ulong
    opened = ctypes.c_void_p(x.XOpenDisplay(display.encode()))
    root = ctypes.c_ulong(x.XDefaultRootWindow(opened))
    randr.XRRGetScreenResources.restype = ctypes.POINTER(Resources)
    found = randr.XRRGetScreenResources(opened, root)
    none, crtc = ctypes.c_ulong(0), ctypes.c_ulong(found.contents.crtcs[0])
    randr.XRRSetCrtcConfig(opened, found, crtc, none, 0, 0, none, ctypes.c_ushort(1), None, 0)
    randr.XRRSetScreenSize(opened, root, width, height, width // 4, height // 4)
    x.XCloseDisplay(opened)


class Resources(ctypes.Structure):
    """The beginning of `XRRScreenResources`."""

    _fields_ = [
        ('timestamp', ctypes.c_ulong),
        ('configuration', ctypes.c_ulong),
        ('n_crtcs', ctypes.c_int),
        ('crtcs', ctypes.POINTER(ctypes.c_ulong)),
    ]


@pytest.mark.parametrize('place', ['', '320x180+0+0'])
def test_a_screen_that_has_another_size_than_at_the_start_is_told_in_one_line(display, place):
    from ur5_rl_env.devices.monitor_window import MonitorWindow

    name = display[0]
    window = MonitorWindow(name, ScreenConfig(), place)
    try:
        window.show(0.0, 0.0)
        change_mode(name, 480, 270)
        with pytest.raises(OSError, match=f"'{name}' is 480x270 now, 640x360 when .* began: ") as told:
            window.show(0.0, 0.0)
        assert '\n' not in str(told.value)
        change_mode(name, WIDTH, HEIGHT)
        window.show(0.0, 0.0)
    finally:
        change_mode(name, WIDTH, HEIGHT)
        window.close()
