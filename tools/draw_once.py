"""Draws one pixel off screen, as MuJoCo does through EGL. A program of its own: a driver may crash or hang.

Ends with 0 where that worked, else with one line on stderr. Standard library only: nothing is installed yet.
"""

import ctypes
import sys

_OPENGL_LIBRARIES = ('libOpenGL.so.0', 'libGL.so.1')  # PyOpenGL takes either
_EGL_PLATFORM_DEVICE_EXT = 0x313F
_EGL_OPENGL_API = 0x30A2
_EGL_NONE = 0x3038
# What MuJoCo asks for: 8 bits of R, G, B and stencil, 24 of depth, off screen, for OpenGL.
_CONFIG = (0x3024, 8, 0x3023, 8, 0x3022, 8, 0x3026, 8, 0x3025, 24, 0x3033, 1, 0x3040, 8, _EGL_NONE)
_GL_FRAMEBUFFER, _GL_COLOR_ATTACHMENT0, _GL_RENDERBUFFER = 0x8D40, 0x8CE0, 0x8D41
_GL_RGBA8, _GL_RGBA, _GL_UNSIGNED_BYTE, _GL_COLOR_BUFFER_BIT = 0x8058, 0x1908, 0x1401, 0x4000
_DEVICES = 16  # how many graphics devices are looked at


def main() -> None:
    """Draws a red pixel and reads it back; raises RuntimeError or OSError where that is not what comes."""
    egl, opengl = ctypes.CDLL('libEGL.so.1'), _opengl()
    egl.eglGetProcAddress.restype = ctypes.c_void_p
    _make_context(egl)
    if (pixel := _drawn(opengl)) != (255, 0, 0):
        raise RuntimeError(f'a red pixel was drawn and {pixel} was read')


def _opengl() -> ctypes.CDLL:
    for name in _OPENGL_LIBRARIES:
        try:
            return ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
        except OSError:
            continue
    raise RuntimeError(f'none of {", ".join(_OPENGL_LIBRARIES)} is there')


def _make_context(egl: ctypes.CDLL) -> None:
    """Makes an OpenGL context without a window current, on the first device that has one."""
    devices, count = (ctypes.c_void_p * _DEVICES)(), ctypes.c_int()
    _extension(egl, 'eglQueryDevicesEXT', ctypes.c_uint)(_DEVICES, devices, ctypes.byref(count))
    display_of = _extension(egl, 'eglGetPlatformDisplayEXT', ctypes.c_void_p)
    for device in devices[: count.value]:
        display = ctypes.c_void_p(display_of(_EGL_PLATFORM_DEVICE_EXT, ctypes.c_void_p(device), None))
        if display.value and egl.eglInitialize(display, None, None) and _is_current(egl, display):
            return
    raise RuntimeError(f'EGL knows {count.value} graphics devices, and none draws without a window')


def _extension(egl: ctypes.CDLL, name: str, result: type) -> ctypes._CFuncPtr:
    address = egl.eglGetProcAddress(name.encode())
    if not address:
        raise RuntimeError(f'EGL lacks {name}')
    return ctypes.CFUNCTYPE(result)(address)


def _is_current(egl: ctypes.CDLL, display: ctypes.c_void_p) -> bool:
    config, count = ctypes.c_void_p(), ctypes.c_int()
    wanted = (ctypes.c_int * len(_CONFIG))(*_CONFIG)
    egl.eglChooseConfig(display, wanted, ctypes.byref(config), 1, ctypes.byref(count))
    egl.eglBindAPI(_EGL_OPENGL_API)
    egl.eglCreateContext.restype = ctypes.c_void_p
    context = ctypes.c_void_p(egl.eglCreateContext(display, config, None, None)) if count.value else None
    return bool(context and context.value and egl.eglMakeCurrent(display, None, None, context))


def _drawn(opengl: ctypes.CDLL) -> tuple[int, ...]:
    """Clears a picture of one pixel to red; returns what it then holds."""
    name = ctypes.c_uint()
    for kind, target in (('Framebuffer', _GL_FRAMEBUFFER), ('Renderbuffer', _GL_RENDERBUFFER)):
        getattr(opengl, f'glGen{kind}s')(1, ctypes.byref(name))
        getattr(opengl, f'glBind{kind}')(target, name)
    opengl.glRenderbufferStorage(_GL_RENDERBUFFER, _GL_RGBA8, 1, 1)
    opengl.glFramebufferRenderbuffer(_GL_FRAMEBUFFER, _GL_COLOR_ATTACHMENT0, _GL_RENDERBUFFER, name)
    opengl.glClearColor(*map(ctypes.c_float, (1.0, 0.0, 0.0, 1.0)))
    opengl.glClear(_GL_COLOR_BUFFER_BIT)
    pixel = (ctypes.c_ubyte * 4)()
    opengl.glReadPixels(0, 0, 1, 1, _GL_RGBA, _GL_UNSIGNED_BYTE, pixel)
    return tuple(pixel[:3])


if __name__ == '__main__':
    try:
        main()
    except (OSError, RuntimeError, AttributeError) as error:
        sys.exit(str(error))
