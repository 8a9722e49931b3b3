"""Parameters of the live view."""

import ipaddress
from dataclasses import dataclass

from ur5_rl_graph.config import check, setting


@dataclass(frozen=True, kw_only=True)
class LiveViewConfig:
    """Where it is served and how much of a run it keeps."""

    address: str = setting(
        '127.0.0.1', 'IP address that the page is served on; another than a loopback one shows it to others'
    )
    port: int = setting(9090, 'of the page; what it shows comes from the next one', low=1, high=65534)
    browser: bool = setting(False, 'a browser is opened where a person sits before this machine')
    memory_mb: int = setting(
        512, 'what is kept for pages that are opened; the oldest goes first [MB]', low=64, high=65536
    )

    def __post_init__(self) -> None:
        """Checks the ranges."""
        check(self)
        try:
            ipaddress.ip_address(self.address)
        except ValueError:
            raise ValueError(
                f"address is '{self.address}'; give an IP address of this machine, such as 127.0.0.1"
            ) from None
