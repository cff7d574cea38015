"""A value that stands for all of several networks or outputs, or one for each of them by its name."""

from typing import Any

from rnacli.schema.values import Kind


class ByName(Kind):
    """A value of one kind, or a mapping from names to such values; who reads it knows the names."""

    def __init__(self, kind: Kind):
        self.kind = kind

    @property
    def wanted(self) -> str:  # type: ignore[override]
        return self.kind.wanted

    def fits(self, value: Any) -> bool:
        return isinstance(value, dict) or self.kind.fits(value)

    def gives(self, value: Any) -> bool:
        return isinstance(value, dict) or self.kind.gives(value)

    def plain(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.kind.plain(item) for name, item in value.items()}
        return self.kind.plain(value)
