"""The keys of a file that say what becomes of pictures, wherever they come from."""

from typing import TYPE_CHECKING, Any, Protocol

from rnacli.schema.section import key
from rnacli.schema.values import Boolean, Choice, Either, ListOf, Nullable, whole_number

if TYPE_CHECKING:
    from rnacli.pictures.decode import PictureForm

LONGEST_SIDE = 8192


class SizeKind(ListOf):
    """The height and the width of pictures."""

    wanted = "two numbers, [height, width]"

    def __init__(self) -> None:
        super().__init__(whole_number(1, LONGEST_SIDE), 2, "image_size: [150, 150]")

    def read(self, value: Any, path: Any, reader: Any) -> Any:
        if isinstance(value, list) and len(value) != 2:
            return self.refuse(value, path, reader)
        return super().read(value, path, reader)

    def hint(self, value: Any) -> str:
        return self.example


SIZE = Either((whole_number(1, LONGEST_SIDE), SizeKind()))
SIZE_DOC = "what every picture becomes: `[height, width]`, or one number"


def size_key() -> Any:
    return key(SIZE, SIZE_DOC)


def column_size_key() -> Any:
    """Of columns, which may hold no pictures."""
    doc = (
        "of a column of paths of pictures, from the folder of the table: what every picture becomes: "
        "`[height, width]`, or one number"
    )
    return key(Nullable(SIZE), doc, default=None)


def color_key() -> Any:
    return key(Choice(("rgb", "grayscale", "rgba")), "three channels, one, or four with transparency", default="rgb")


def interpolation_key() -> Any:
    return key(
        Choice(("bilinear", "nearest", "bicubic", "area", "lanczos3")),
        "how pixels are made where a picture's size changes; without aliasing",
        default="bilinear",
    )


def crop_key() -> Any:
    doc = "cut the middle out of pictures of another shape, which are stretched otherwise"
    return key(Boolean(), doc, default=False)


def pad_key() -> Any:
    return key(
        Boolean(), "put black bars beside pictures of another shape, which are stretched otherwise", default=False
    )


def cache_key() -> Any:
    return key(
        Choice(("auto", "memory", "disk", "none")),
        "where pictures are kept once they are decoded: in `memory`, on the `disk` (in the cache folder), or nowhere: "
        "`none` decodes them anew in each epoch; `auto`: in memory where they are few, else on the disk",
        default="auto",
    )


def unreadable_key() -> Any:
    return key(
        Choice(("error", "skip")),
        "what is done with files that are no pictures: `skip` leaves them out, listed in `rejected.csv`",
        default="error",
    )


class PictureKeys(Protocol):
    """What a file says of pictures."""

    @property
    def image_size(self) -> "int | tuple[int, int] | None": ...
    @property
    def color_mode(self) -> str: ...
    @property
    def interpolation(self) -> str: ...
    @property
    def crop_to_aspect_ratio(self) -> bool: ...
    @property
    def pad_to_aspect_ratio(self) -> bool: ...


def form_of(keys: PictureKeys) -> "PictureForm":
    """What every picture becomes, as the keys say."""
    from rnacli.pictures.decode import PictureForm

    size = keys.image_size or 1
    height, width = (size, size) if isinstance(size, int) else size
    fit = "crop" if keys.crop_to_aspect_ratio else "pad" if keys.pad_to_aspect_ratio else "stretch"
    return PictureForm(height, width, keys.color_mode, keys.interpolation, fit)


CROPPED_OR_PADDED = "a picture is cropped or padded, not both", "remove one of them"
