"""A view that people look at: a server, a page, and what shows sights there."""

import os

from ur5_rl_graph.hung import goes_on, never_mind
from ur5_rl_monitor.browser import open_page
from ur5_rl_monitor.live_view_config import LiveViewConfig
from ur5_rl_monitor.view_server import ViewServer

HUNG_S = 20.0
"""The viewer's library can wait for a server that was killed, for ever and deaf to Ctrl-C."""


class View:
    """Serves a page until it is closed.

    Attributes:
        sink: shows.
    """

    def __init__(self, config: LiveViewConfig, live: bool) -> None:
        """Serves, opens a browser where somebody sits, and says where the page is.

        Args:
            config: where it is served.
            live: whether the page follows what comes; else it begins at the beginning.

        Raises:
            ValueError: the viewer is not installed, or its address or port cannot be had.
        """
        self._server = ViewServer(config)
        from ur5_rl_monitor.rerun_sink import RerunSink  # where it is missing, the line above has said so

        self.sink = RerunSink(self._server.places.local_data_url, live)
        for line in self._server.places.lines(os.environ):
            print(line, flush=True)
        if config.browser and not open_page(self._server.places.url):
            print('no browser was opened (none, or no display here): open that page yourself', flush=True)

    @property
    def ended(self) -> bool:
        """Whether its server has ended."""
        return self._server.ended

    def close(self) -> None:
        """Ends it. What hangs is not waited for, and ends the process."""
        goes_on(HUNG_S)
        self._server.close()
        self.sink.close()
        never_mind()
