"""Whether a network's weights fit into memory."""

from rnacli.errors import CONFIG, RnaError
from rnacli.machine import format_bytes, installed_memory


def check_memory(parameters: int, place: str) -> None:
    """Refuse a network whose weights, gradients and optimizer cannot fit into memory, before they are allocated."""
    needed = parameters * 4 * 4
    available = installed_memory()
    if needed > available:
        raise RnaError(
            "{parameters:,} parameters would need about {needed} of memory with gradients and optimizer, and this "
            "machine has {available}",
            place=place,
            hint="fewer units in the largest layer",
            exit_code=CONFIG,
            parameters=parameters,
            needed=format_bytes(needed),
            available=format_bytes(available),
        )
