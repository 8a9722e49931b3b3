"""A controller that only says who it is, for tests of what is asked before anything is done."""

import contextlib
import socket
import struct
import threading

from ur5_rl_env.devices.examination import DASHBOARD_PORT, RTDE_PORT, SCRIPT_PORT


class FakeController:
    """Three ports that answer as they are told; without a model the dashboard hangs up after its greeting."""

    def __init__(self, host, model=b'UR5\n', version=(3, 15, 8, 1), before=b'', ports=None):
        self.host, self.heard = host, []
        self._answers = {
            b'V': b'\x01',
            b'v': struct.pack('>4I', *version),
            b'I': b'\x01' + b','.join([b'INT32'] * 8 + [b'DOUBLE'] * 18 + [b'NOT_FOUND']),
        }
        self._model, self._before = model, before
        serve = {RTDE_PORT: self._rtde, DASHBOARD_PORT: self._dashboard, SCRIPT_PORT: lambda connection: None}
        self._listeners = [(socket.create_server((host, port)), serve[port]) for port in ports or serve]
        for listener, work in self._listeners:
            threading.Thread(target=self._serve, args=(listener, work), daemon=True).start()

    def _serve(self, listener, work):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    work(connection)

    def _rtde(self, connection):
        while header := connection.recv(3):
            size, kind = struct.unpack('>Hc', header)
            self.heard.append((kind, connection.recv(size - 3) if size > 3 else b''))
            answer = self._answers[kind]
            packet = struct.pack('>Hc', 3 + len(answer), kind) + answer
            for byte in self._before + packet:  # a stream has no packets
                connection.sendall(bytes((byte,)))

    def _dashboard(self, connection):
        connection.sendall(b'Connected: Universal Robots Dashboard Server\n')
        while self._model is not None and (line := connection.recv(64)):
            self.heard.append(line)
            connection.sendall(self._model)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for listener, _ in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
