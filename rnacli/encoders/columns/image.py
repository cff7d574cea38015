"""Columns of paths of pictures, each an input of its own."""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from rnacli.encoders.encoder import InputSpec
from rnacli.encoders.scale import Scale, is_learnt, require_finite
from rnacli.encoders.section import Column
from rnacli.pictures.decode import PictureForm
from rnacli.pictures.keys import LONGEST_SIDE, form_of


@dataclass(frozen=True)
class Image:
    """Pictures that become ``(pixels - offset) / divisor``, each of one number or of one for each channel.

    ``group``: what layers take them by, where that is not the name of the column. Raw values are pixels (n, height,
    width, channels), uint8.
    """

    kind: ClassVar[str] = "image"
    name: str
    height: int
    width: int
    color_mode: Literal["rgb", "grayscale", "rgba"]
    interpolation: Literal["bilinear", "nearest", "bicubic", "area", "lanczos3"]
    fit: Literal["stretch", "crop", "pad"]
    offset: tuple[float, ...] = (0.0,)
    divisor: tuple[float, ...] = (1.0,)
    group: str = ""

    @classmethod
    def learn(cls, name: str, options: Column, pixels: np.ndarray, group: str = "") -> "Image":
        """What training pictures (n, height, width, channels) teach: one is enough where no scale is learnt."""
        scale = Scale.learn(pixels, (), options.scale or "none")
        offset, divisor = (tuple(np.ravel(numbers).tolist()) for numbers in (scale.offset, scale.divisor))
        return cls(name, **asdict(form_of(options)), offset=offset, divisor=divisor, group=group)

    @staticmethod
    def is_taught(options: Column) -> bool:
        """Whether all training pictures teach something."""
        return is_learnt(options.scale or "none")

    @property
    def form(self) -> PictureForm:
        return PictureForm(self.height, self.width, self.color_mode, self.interpolation, self.fit)

    @property
    def scale(self) -> Scale:
        offset, divisor = (
            np.asarray(numbers[0] if len(numbers) == 1 else numbers) for numbers in (self.offset, self.divisor)
        )
        return Scale(self.form.shape, (), offset, divisor)

    @property
    def spec(self) -> InputSpec:
        return InputSpec(self.form.shape, group=self.group)

    def check(self) -> None:
        """Refuse fields that do not fit together. Raises ``ValueError``."""
        lengths = {len(self.offset), len(self.divisor)}
        if len(lengths) > 1 or not lengths <= {1, self.form.shape[-1]}:
            raise ValueError("its lengths do not fit together")
        if not 0 < min(self.height, self.width) <= max(self.height, self.width) <= LONGEST_SIDE:
            raise ValueError("its size is none of a picture")
        require_finite(np.asarray(self.offset, float), np.asarray(self.divisor, float))

    def dump(self) -> dict[str, Any]:
        return {"kind": self.kind, **asdict(self)}
