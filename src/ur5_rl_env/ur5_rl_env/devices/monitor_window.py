"""The red disc on white, full screen on the monitor in front of the arm (thesis 3.1).

Plain tkinter: it draws one disc, it is in Python's own library, and it needs no window manager.
"""

import ctypes
import re

from ur5_rl_env.target import ScreenConfig

_PLACE = re.compile(r'(\d+)x(\d+)\+(\d+)\+(\d+)')


class MonitorWindow:
    """A borderless window; whoever owns it calls `show` often enough (25 Hz) to keep it painted."""

    def __init__(self, display: str, screen: ScreenConfig, place: str = '') -> None:
        """Opens the window, white and empty.

        Args:
            display: X display, such as ':0'.
            screen: what the window's width and height are in metres.
            place: 'WIDTHxHEIGHT+X+Y' in pixels for one of several monitors; '' = the whole display.

        Raises:
            OSError: no tkinter, or the display cannot be opened.
            ValueError: `place` is malformed.
        """
        match = _PLACE.fullmatch(place)
        if place and not match:
            raise ValueError(f'display_place is {place!r}; write WIDTHxHEIGHT+X+Y, as in 1920x1080+1920+0')
        try:
            import tkinter

            library = ctypes.CDLL('libX11.so.6')  # that of tkinter
        except (ImportError, OSError) as error:
            raise OSError(f'no tkinter to draw the target with ({error}): apt install python3-tk') from None
        try:
            self._root = tkinter.Tk(screenName=display)
        except tkinter.TclError as error:
            raise OSError(
                f'display {display!r} cannot be opened ({error}); is it the X display of the monitor '
                'in front of the arm, may this user draw on it (xhost +local:)?'
            ) from None
        root = self._root
        self._display, self._x = display, _Screen(library, display)
        self._whole = self._x.size()
        size = (*self._whole, 0, 0)
        self._width, self._height, left, top = map(int, match.groups()) if match else size
        root.overrideredirect(True)  # no frame, with or without a window manager
        root.geometry(f'{self._width}x{self._height}+{left}+{top}')
        root.attributes('-topmost', True)
        root.configure(cursor='none')
        self._screen = screen
        self._canvas = tkinter.Canvas(root, background='#ffffff', highlightthickness=0)
        self._canvas.pack(fill='both', expand=True)
        self._disc = self._canvas.create_oval(0, 0, 0, 0, fill='#ff0000', outline='', state='hidden')
        root.update()

    def show(self, x: float, y: float) -> None:
        """Paints the disc at (x, y) [m] from the centre of the screen, right and up.

        Raises:
            OSError: the screen has another size than at the start: the disc would be elsewhere, or nowhere.
        """
        if (now := self._x.size()) != self._whole:
            raise OSError(
                f"display '{self._display}' is {now[0]}x{now[1]} now, {self._whole[0]}x{self._whole[1]} when "
                'the target began: plug the monitor in, give it its mode back (xrandr), and start again'
            )
        across, up = self._width / self._screen.screen_width, self._height / self._screen.screen_height
        column, row = self._width / 2 + x * across, self._height / 2 - y * up
        radius = self._screen.target_radius
        box = (column - radius * across, row - radius * up, column + radius * across, row + radius * up)
        self._canvas.coords(self._disc, *box)
        self._canvas.itemconfigure(self._disc, state='normal')
        self._root.update()

    def close(self) -> None:
        """Takes the window away."""
        self._root.destroy()
        self._x.close()


class _Screen:
    """The size of an X screen as it is now: tkinter keeps the one that it found first."""

    def __init__(self, library: ctypes.CDLL, display: str) -> None:
        library.XOpenDisplay.restype, library.XDefaultRootWindow.restype = ctypes.c_void_p, ctypes.c_ulong
        self._library, self._display = library, ctypes.c_void_p(library.XOpenDisplay(display.encode()))
        if not self._display:
            raise OSError(f'display {display!r} takes no further client: end a program that draws on it')
        self._root = ctypes.c_ulong(library.XDefaultRootWindow(self._display))

    def size(self) -> tuple[int, int]:
        """Returns width and height [pixel]."""
        root, left, top = ctypes.c_ulong(), ctypes.c_int(), ctypes.c_int()
        numbers = [ctypes.c_uint() for _ in ('width', 'height', 'border', 'depth')]
        found = map(ctypes.byref, (root, left, top, *numbers))
        self._library.XGetGeometry(self._display, self._root, *found)
        return numbers[0].value, numbers[1].value

    def close(self) -> None:
        """Ends the connection."""
        self._library.XCloseDisplay(self._display)
