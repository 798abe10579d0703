"""How large a picture is shown, and which addresses a mail may lead to."""

from digest.content.values import Image

_RATIO = 1.5  # of a picture whose size the source does not tell: most press pictures are 3:2
_TALLEST = 1.4  # height of a picture, in widths of its column


def fit(image: Image, width: int) -> tuple[int, int]:
    """Width and height in pixels of a picture in a column of `width`: never enlarged, and narrower where it would be much taller than wide."""
    if not (image.width and image.height):
        return width, round(width / _RATIO)
    scale = min(1.0, width / image.width, _TALLEST * width / image.height)
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))
