"""Golden numbers for packages/vision: how Pillow reads, resizes and pads.

Run: python tools/golden/vision_data.py   (needs pillow and numpy)
Pictures follow a formula, `pixel`, that the tests repeat, so that only results are stored.
"""

import base64
import io
import json
import pathlib

import numpy as np
import PIL
from PIL import Image

OUT = pathlib.Path(__file__).parents[2] / "packages/vision/test/golden/visionData.json"


def picture(width, height, channels):
    y, x, c = np.mgrid[0:height, 0:width, 0:channels]
    return ((x * 37 + y * 91 + c * 53 + x * y * 7) % 256).astype("uint8")


def image(width, height, channels):
    pixels = picture(width, height, channels)
    return Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels)


def flat(img):
    return np.asarray(img).reshape(-1).tolist()


def resizes():
    sizes = [(13, 9, 5, 7), (13, 9, 20, 15), (13, 9, 13, 4), (13, 9, 6, 9), (4, 1, 2, 1), (31, 17, 8, 8), (3, 3, 7, 7), (64, 5, 3, 5)]
    cases = []
    for channels in (1, 3):
        for w, h, to_w, to_h in sizes:
            img = image(w, h, channels)
            cases.append(
                {
                    "from": [w, h, channels],
                    "to": [to_w, to_h],
                    "bilinear": flat(img.resize((to_w, to_h), Image.BILINEAR)),
                    "nearest": flat(img.resize((to_w, to_h), Image.NEAREST)),
                }
            )
    return cases


def pads():
    modes = {"zeros": "constant", "border": "edge", "reflection": "reflect"}
    cases = []
    for mode, np_mode in modes.items():
        for left, top, width, height in [(-2, -3, 9, 10), (1, -7, 3, 20), (3, 2, 9, 1), (-1, 0, 5, 4)]:
            pixels = picture(5, 4, 3)
            inside = pixels[max(top, 0) : min(top + height, 4), max(left, 0) : min(left + width, 5)]
            before = max(-top, 0), max(-left, 0)
            after = max(top + height - 4, 0), max(left + width - 5, 0)
            out = np.pad(inside, ((before[0], after[0]), (before[1], after[1]), (0, 0)), mode=np_mode)
            cases.append({"mode": mode, "box": [left, top, width, height], "pixels": out.reshape(-1).tolist()})
    return cases


def png(img, **options):
    buffer = io.BytesIO()
    img.save(buffer, "PNG", **options)
    return base64.b64encode(buffer.getvalue()).decode()


def files():
    indices = (picture(7, 5, 1)[:, :, 0] % 4).astype("uint8")
    palette = Image.fromarray(indices, "P")
    palette.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0])
    gray_alpha = Image.merge("LA", [image(7, 5, 1), image(7, 5, 1)])
    made = {
        "palette2": (palette, {"bits": 2}),
        "palette4": (palette, {"bits": 4}),
        "palette8": (palette, {"bits": 8}),
        "palette8Transparent": (palette, {"bits": 8, "transparency": 1}),
        "gray": (image(7, 5, 1), {}),
        "bits": (image(7, 5, 1).convert("1"), {}),
        "grayAlpha": (gray_alpha, {}),
        "rgb": (image(7, 5, 3), {}),
        "rgba": (Image.fromarray(picture(7, 5, 4), "RGBA"), {}),
    }
    cases = []
    for name, (img, options) in made.items():
        data = png(img, **options)
        opened = Image.open(io.BytesIO(base64.b64decode(data)))
        case = {"name": name, "png": data, "rgb": flat(opened.convert("RGB")), "gray": flat(opened.convert("L"))}
        if name.startswith("palette"):
            case["indices"] = flat(opened)
        cases.append(case)
    return cases


def jpegs():
    """Baseline pictures of all usual samplings, and what other decoders must do: progressive ones."""
    y, x = np.mgrid[0:21, 0:37]
    smooth = np.stack([x * 7, y * 12, 128 + 60 * np.sin(x / 5) + 60 * np.cos(y / 4)], -1).clip(0, 255).astype("uint8")
    smooth[8:14, 20:30] = picture(10, 6, 3)
    color, gray = Image.fromarray(smooth), Image.fromarray(smooth[:, :, 2])
    made = {
        "4:4:4": (color, {"subsampling": 0}),
        "4:2:2": (color, {"subsampling": 1}),
        "4:2:0": (color, {"subsampling": 2}),
        "4:2:0, with restarts": (color, {"subsampling": 2, "restart_marker_blocks": 2}),
        "4:2:0, best quality": (color, {"subsampling": 2, "quality": 100, "optimize": True}),
        "4:2:0, worst quality": (color, {"subsampling": 2, "quality": 1}),
        "4:4:4, kept as RGB": (color, {"keep_rgb": True}),
        "gray": (gray, {}),
        "progressive": (color, {"subsampling": 2, "progressive": True}),
        "CMYK": (color.convert("CMYK"), {}),
    }
    cases = []
    for name, (img, options) in made.items():
        buffer = io.BytesIO()
        img.save(buffer, "JPEG", **{"quality": 80, **options})
        opened = Image.open(io.BytesIO(buffer.getvalue()))
        case = {"name": name, "jpeg": base64.b64encode(buffer.getvalue()).decode()}
        if name != "CMYK":  # read through a color profile by others
            case["rgb"] = flat(opened.convert("RGB"))
        cases.append(case)
    return cases


golden = {
    "madeBy": "tools/golden/vision_data.py",
    "pillow": PIL.__version__,
    "resizes": resizes(),
    "pads": pads(),
    "files": files(),
    "jpegs": jpegs(),
}
OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps(golden, separators=(",", ":")))
print(OUT, OUT.stat().st_size)
