"""How late the ticks of a periodic loop are: a histogram, so that hours of it cost nothing."""

_BIN_US = 10
_BINS = 2000  # up to 20 ms; later ones count in the last bin


class Lateness:
    """Counts of lateness in bins of 10 us."""

    def __init__(self) -> None:
        self._bins = [0] * (_BINS + 1)
        self.count = 0
        self.largest_ns = 0

    def add(self, late_ns: int) -> None:
        """Count one tick that came `late_ns` after its deadline."""
        self._bins[min(max(late_ns, 0) // (1000 * _BIN_US), _BINS)] += 1
        self.count += 1
        self.largest_ns = max(self.largest_ns, late_ns)

    def quantile_us(self, fraction: float) -> int:
        """Upper end [us] of the bin that holds the given fraction of all ticks; 0 without ticks."""
        left = fraction * self.count
        for i, count in enumerate(self._bins):
            left -= count
            if left <= 0.0 and self.count:
                return (i + 1) * _BIN_US
        return 0

    def __str__(self) -> str:
        return (
            f'{self.count} ticks, late by p50 {self.quantile_us(0.5)} us, p99 {self.quantile_us(0.99)} us, '
            f'max {self.largest_ns * 1e-6:.1f} ms'
        )
