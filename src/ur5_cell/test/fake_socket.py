"""A socket whose other end is the test: for the simulated controller's connections."""


class FakeSocket:
    """A socket of which the test is the other end.

    Args:
        room: bytes it takes before the peer has to read; None for any number.
    """

    def __init__(self, room=None):
        self.arrived = bytearray()
        self.sent = bytearray()
        self.room = room
        self.closed = False

    def setblocking(self, flag):
        assert flag is False

    def setsockopt(self, *_):
        pass

    def recv(self, size):
        if not self.arrived:
            raise BlockingIOError
        data = bytes(self.arrived[:size])
        del self.arrived[:size]
        return data

    def send(self, data):
        taken = len(data) if self.room is None else min(self.room, len(data))
        if not taken:
            raise BlockingIOError
        if self.room is not None:
            self.room -= taken
        self.sent += data[:taken]
        return taken

    def close(self):
        self.closed = True
