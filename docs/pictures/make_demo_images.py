"""Draws the demo's pictures: every *.svg beside this file becomes a small PNG with a palette in digest/demo/images.

    python docs/pictures/make_demo_images.py [NAME ...]

Needs Chromium (CHROMIUM names another than /usr/bin/chromium) and nothing else. A flat drawing has a dozen colours and
their blends along the edges, so 64 of them are enough: a quarter of the size of what the browser writes.
"""

import os
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
IMAGES = HERE.parents[1] / "digest" / "demo" / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
COLOURS = 64
APART = 300  # squared distance under which two colours are one to the eye, along an edge one pixel wide
SIGNATURE = b"\x89PNG\r\n\x1a\n"

Colour = tuple[int, ...]  # red, green, blue, opacity


def main(names: list[str]) -> None:
    IMAGES.mkdir(exist_ok=True)
    for drawing in sorted(HERE.glob("*.svg")):
        if not names or drawing.stem in names:
            target = IMAGES / f"{drawing.stem}.png"
            target.write_bytes(palette_png(*photograph(drawing)))
            sys.stdout.write(f"{target.name}: {target.stat().st_size:,} bytes\n")


def photograph(drawing: Path) -> tuple[int, int, list[Colour]]:
    """Width, height and pixels of a drawing as the browser shows it."""
    size = re.search(r'width="(\d+)" height="(\d+)"', drawing.read_text(encoding="utf-8"))
    if size is None:
        raise SystemExit(f"{drawing.name} does not begin with its width and height.")
    width, height = map(int, size.groups())
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder) / "shot.png"
        # The window is taller than the drawing: the browser keeps some of it for itself.
        window = [f"--window-size={width},{height + 200}", "--hide-scrollbars", "--force-device-scale-factor=1"]
        quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--default-background-color=00000000", f"--user-data-dir={folder}"]
        subprocess.run([CHROMIUM, *quiet, *window, f"--screenshot={shot}", drawing.as_uri()], check=True, capture_output=True)  # noqa: S603 - our own drawing
        return width, height, [pixel for row in list(pixels(shot.read_bytes()))[:height] for pixel in row[:width]]


def pixels(png: bytes) -> Iterator[list[Colour]]:
    """The rows of an 8-bit RGB or RGBA PNG (PNG specification, 9: filtering)."""
    chunks = list(read_chunks(png))
    width, height, depth, kind = struct.unpack(">IIBB", chunks[0][1][:10])
    if depth != 8 or kind not in (2, 6):
        raise SystemExit("The browser wrote a PNG of a kind that is not read here.")
    step = 4 if kind == 6 else 3
    data = zlib.decompress(b"".join(body for name, body in chunks if name == b"IDAT"))
    before = bytearray(width * step)
    for top in range(0, height * (width * step + 1), width * step + 1):
        before = unfilter(data[top], bytearray(data[top + 1 : top + 1 + width * step]), before, step)
        yield [(*before[at : at + 3], before[at + 3] if step == 4 else 255) for at in range(0, width * step, step)]


def read_chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def unfilter(kind: int, row: bytearray, above: bytearray, step: int) -> bytearray:
    for at in range(len(row) if kind else 0):
        left = row[at - step] if at >= step else 0
        corner = above[at - step] if at >= step else 0
        guess = (0, left, above[at], (left + above[at]) // 2, paeth(left, above[at], corner))[kind]
        row[at] = (row[at] + guess) & 255
    return row


def paeth(left: int, up: int, corner: int) -> int:
    ahead = left + up - corner
    return min((left, up, corner), key=lambda value: abs(ahead - value))


def palette_png(width: int, height: int, picture: list[Colour]) -> bytes:
    palette = choose(Counter(picture))
    nearest = {colour: min(range(len(palette)), key=lambda place: distance(colour, palette[place])) for colour in set(picture)}
    rows = b"".join(b"\0" + bytes(nearest[pixel] for pixel in picture[top : top + width]) for top in range(0, width * height, width))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"PLTE", bytes(part for colour in palette for part in colour[:3]))]
    if any(colour[3] < 255 for colour in palette):
        chunks.append((b"tRNS", bytes(colour[3] for colour in palette)))
    return SIGNATURE + b"".join(written(name, body) for name, body in [*chunks, (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")])


def choose(count: Counter[Colour]) -> list[Colour]:
    """The commonest colours that the eye tells apart."""
    chosen: list[Colour] = []
    for colour, _ in count.most_common():
        if len(chosen) < COLOURS and all(distance(colour, other) > APART for other in chosen):
            chosen.append(colour)
    return chosen


def distance(one: Iterable[int], other: Iterable[int]) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def written(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


if __name__ == "__main__":
    main(sys.argv[1:])
