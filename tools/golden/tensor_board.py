"""Event records as TensorBoard's own library writes them: bytes that ours must equal.

Run: pip install tensorboard && python tools/golden/tensor_board.py
Writes packages/callbacks/test/golden/tensorBoard.json
"""

import io
import json
import struct
import zlib
from pathlib import Path

import tensorboard
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.summary.writer.record_writer import RecordWriter

OUT = Path(__file__).parents[2] / "packages/callbacks/test/golden/tensorBoard.json"


def png(width, height):
    """A gray picture."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + bytes([40 * (x + y) for x in range(width)]) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Kept(io.BytesIO):
    def close(self):
        pass


def record(event):
    file = Kept()
    writer = RecordWriter(file)
    writer.write(event.SerializeToString())
    writer.flush()
    return file.getvalue().hex()


picture = png(3, 2)
values = [-1.0, -0.5, 0.25, 0.5, 1.0]
events = {
    "version": Event(wall_time=1700000000.25, file_version="brain.Event:2"),
    "scalars": Event(
        wall_time=1700000001.5,
        step=300,
        summary=Summary(
            value=[Summary.Value(tag="train_loss", simple_value=0.625), Summary.Value(tag="lr_0", simple_value=1e-3)]
        ),
    ),
    "image": Event(
        wall_time=1700000002.0,
        step=70000,
        summary=Summary(
            value=[
                Summary.Value(
                    tag="Sample results",
                    image=Summary.Image(height=2, width=3, colorspace=4, encoded_image_string=picture),
                )
            ]
        ),
    ),
    "histogram": Event(
        wall_time=1700000003.0,
        step=2,
        summary=Summary(
            value=[
                Summary.Value(
                    tag="head.weight",
                    histo=HistogramProto(
                        min=-1.0,
                        max=1.0,
                        num=5,
                        sum=sum(values),
                        sum_squares=sum(x * x for x in values),
                        bucket_limit=[-0.5, 0.0, 0.5, 1.0],
                        bucket=[1, 1, 1, 2],
                    ),
                )
            ]
        ),
    ),
}
checks = [b"", b"a", b"123456789", bytes(range(256))]
golden = {
    "madeBy": "tools/golden/tensor_board.py",
    "tensorboard": tensorboard.__version__,
    "crc": [{"bytes": data.hex(), "masked": masked_crc32c(data)} for data in checks],
    "png": picture.hex(),
    "values": values,
    "records": {name: record(event) for name, event in events.items()},
}
OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps(golden, indent=1) + "\n")
