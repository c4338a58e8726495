#!/usr/bin/env python3
"""Writes the reference images beside it, and the pixels that Pillow reads from them: python3 make.py.

PNG files are written here by hand, because no writer makes all types, depths and filters; Pillow reads them back, which is
what `expected.npz` holds: [height, width, channels] of bytes by the file's name. JPEG files are Pillow's own, or those of
simplejpeg where Pillow cannot say the sampling. `resized.npz` holds `gradient.png` in other sizes, by Pillow's bilinear
filter. Made with Pillow 13.0 (libjpeg-turbo 3.2), simplejpeg 1.9 and NumPy 2.4; the files are the same in every run.
"""

import io
import pathlib
import struct
import zlib

import numpy
import simplejpeg
from PIL import Image, ImageOps

HERE = pathlib.Path(__file__).parent
random = numpy.random.default_rng(1)
expected, resized = {}, {}


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def packed(samples, depth):
    """Rows of samples [height, values] as bytes, each row from a new byte on."""
    if depth == 16:
        return [row.astype(">u2").tobytes() for row in samples]
    if depth == 8:
        return [row.astype("u1").tobytes() for row in samples]
    bits = (samples[..., None] >> numpy.arange(depth - 1, -1, -1)) & 1
    return [numpy.packbits(row.reshape(-1).astype("u1")).tobytes() for row in bits]


def filtered(rows, pixel):
    """Each row with the next of the five filters."""
    before = bytes(len(rows[0]) if rows else 0)
    out = b""
    for number, row in enumerate(rows):
        kind = (number + 1) % 5
        line = bytearray()
        for index, value in enumerate(row):
            left = row[index - pixel] if index >= pixel else 0
            corner = before[index - pixel] if index >= pixel else 0
            up = before[index]
            estimate = left + up - corner
            nearest = min((abs(estimate - left), 0, left), (abs(estimate - up), 1, up), (abs(estimate - corner), 2, corner))
            guess = (0, left, up, (left + up) // 2, nearest[2])[kind]
            line.append((value - guess) & 255)
        out += bytes([kind]) + bytes(line)
        before = row
    return out


def png(samples, depth, colour, palette=None, opacity=None, interlaced=False, parts=1):
    """A file of samples [height, width, channels]."""
    height, width, channels = samples.shape
    pixel = max(1, channels * depth // 8)
    passes = [(0, 0, 1, 1)]
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    data = b""
    for top, left, down, right in passes:
        part = samples[top::down, left::right]
        if part.size:
            data += filtered(packed(part.reshape(part.shape[0], -1), depth), pixel)
    data = zlib.compress(data, 9)
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced)))
    out += chunk(b"gAMA", struct.pack(">I", 45455))
    if palette is not None:
        out += chunk(b"PLTE", palette.astype("u1").tobytes())
    if opacity is not None:
        out += chunk(b"tRNS", opacity)
    step = -(-len(data) // parts)
    for start in range(0, len(data), step):
        out += chunk(b"IDAT", data[start:start + step])
    return out + chunk(b"IEND", b"")


def note(name, data, mode=None):
    (HERE / name).write_bytes(data)
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if image.mode in ("I;16", "I;16B", "I"):
        pixels = (numpy.asarray(image).astype("u4") >> 8).astype("u1")
    else:
        pixels = numpy.asarray(image.convert(mode) if mode else image)
        if pixels.dtype == bool:
            pixels = pixels.astype("u1") * 255
    expected[name] = pixels if pixels.ndim == 3 else pixels[..., None]


def scene(height, width):
    """Smooth colours with an edge and some noise [height, width, 3]."""
    y, x = numpy.mgrid[0:height, 0:width]
    red = 127 + 120 * numpy.sin(x / 5 + y / 9)
    green = 255 * x / max(1, width - 1)
    blue = 255 * ((x - width / 2) ** 2 + (y - height / 2) ** 2 < (height / 3) ** 2)
    image = numpy.stack([red, green, blue], -1) + random.normal(0, 6, (height, width, 3))
    return numpy.clip(image, 0, 255).astype("u1")


# PNG: every colour type with its depths, plain and interlaced.
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
MODES = {2: "RGB", 3: "RGB", 4: "LA", 6: "RGBA"}
for colour, depths in DEPTHS.items():
    for depth in depths:
        for interlaced in (False, True):
            samples = random.integers(0, 2**depth, (11, 13, CHANNELS[colour]))
            palette = random.integers(0, 256, (2**depth, 3)) if colour == 3 else None
            name = f"png-{colour}-{depth}{'-interlaced' if interlaced else ''}.png"
            note(name, png(samples, depth, colour, palette, interlaced=interlaced), MODES.get(colour))

# Opacity by a table, by a grey and by a colour; two small interlaced images, of which most passes are empty.
levels = random.integers(0, 4, (9, 7, 1))
note("opacity-palette.png", png(levels, 2, 3, random.integers(0, 256, (4, 3)), bytes([0, 128, 255])), "RGBA")
note("opacity-grey.png", png(levels * 60, 8, 0, opacity=struct.pack(">H", 120)), "LA")
mixed = levels * 60 + numpy.array([0, 1, 2]) * (levels % 2)
mixed[::2] = levels[::2] * 60
note("opacity-colour.png", png(mixed, 8, 2, opacity=struct.pack(">HHH", 60, 61, 62)), "RGBA")
note("single-interlaced.png", png(random.integers(0, 256, (1, 1, 3)), 8, 2, interlaced=True))
note("column-interlaced.png", png(random.integers(0, 256, (5, 2, 1)), 8, 0, interlaced=True))
note("parts.png", png(scene(16, 16), 8, 2, parts=7))
note("gradient.png", png(scene(40, 56), 8, 2))


def jpeg(name, image, **settings):
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "JPEG", **settings)
    data = stream.getvalue()
    note(name, data)
    return data


# JPEG: samplings, sizes that fill no whole blocks, quality, restart intervals, progressive.
SIZES = ((37, 45), (16, 16), (1, 1), (3, 5), (6, 4), (9, 33))
for sampling in ("444", "422", "420", "440", "411"):
    for height, width in SIZES:
        name, image = f"jpeg-{sampling}-{height}x{width}.jpg", scene(height, width)
        note(name, simplejpeg.encode_jpeg(image, quality=80, colorspace="RGB", colorsubsampling=sampling))
for sampling in ("4:4:4", "4:2:2", "4:2:0"):
    name = f"progressive-{sampling.replace(':', '')}.jpg"
    jpeg(name, scene(37, 45), quality=80, subsampling=sampling, progressive=True)
grey = scene(30, 27)[..., 1]
jpeg("grey.jpg", grey, quality=90)
jpeg("grey-progressive.jpg", grey, quality=60, progressive=True)
jpeg("optimized.jpg", scene(40, 40), quality=95, optimize=True)
jpeg("coarse.jpg", scene(40, 40), quality=5)
jpeg("finest.jpg", random.integers(0, 256, (24, 24, 3)).astype("u1"), quality=100, subsampling=0)
jpeg("restarts.jpg", scene(40, 52), quality=80, restart_marker_blocks=2)
jpeg("restarts-progressive.jpg", scene(40, 52), quality=80, restart_marker_rows=1, progressive=True)
jpeg("colours-kept.jpg", scene(20, 24), quality=90, keep_rgb=True)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    jpeg(f"orientation-{orientation}.jpg", scene(8, 19), quality=90, subsampling=0, exif=exif)

# What is refused: four colours.
Image.fromarray(numpy.dstack([scene(8, 8), grey[:8, :8]]), "CMYK").save(HERE / "cmyk.jpg", quality=80)

gradient = Image.open(HERE / "gradient.png")
for height, width in ((8, 8), (13, 29), (50, 60), (40, 9), (1, 1)):
    resized[f"stretch-{height}x{width}"] = gradient.resize((width, height), Image.Resampling.BILINEAR)
    resized[f"cover-{height}x{width}"] = ImageOps.fit(gradient, (width, height), Image.Resampling.BILINEAR)
    resized[f"contain-{height}x{width}"] = ImageOps.pad(gradient, (width, height), Image.Resampling.BILINEAR)
resized["grey"] = gradient.convert("L")

numpy.savez_compressed(HERE / "expected.npz", **expected)
numpy.savez_compressed(HERE / "resized.npz", **{name: numpy.asarray(image) for name, image in resized.items()})
