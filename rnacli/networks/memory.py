"""Whether a network's weights fit into memory."""

from rnacli.errors import CONFIG, RnaError
from rnacli.machine import format_bytes, installed_memory


def check_memory(parameters: int, place: str) -> None:
    """Refuse a network whose weights, gradients and optimizer cannot fit into memory, before they are allocated."""
    needed = parameters * 4 * 4
    available = installed_memory()
    if needed > available:
        raise RnaError(
            f"{parameters:,} parameters would need about {format_bytes(needed)} of memory with gradients and "
            f"optimizer, and this machine has {format_bytes(available)}",
            place=place,
            hint="fewer units in the largest layer",
            exit_code=CONFIG,
        )
