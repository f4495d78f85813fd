"""Small files of PyTorch and safetensors with what is in them, and hostile ones that must be refused.

Run: pip install torch safetensors && python tools/golden/files.py
Writes packages/core/test/golden/files.json and files/*
"""
import io
import json
import os
import pickle
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path

import safetensors
import torch
from safetensors.torch import save_file
from torch import nn
from torch.serialization import MAGIC_NUMBER

OUT = Path(__file__).parents[2] / "packages/core/test/golden/files"
OUT.mkdir(parents=True, exist_ok=True)
torch.manual_seed(42)
expected = {}


def describe(tensors):
    return {k: dict(shape=list(t.shape), values=[float(f"{v:.8g}") for v in t.detach().double().flatten().tolist()]) for k, t in tensors.items()}


def flat(value, name=""):
    if isinstance(value, torch.Tensor):
        return {name: value}
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else []
    return {k: t for key, v in rows for k, t in flat(v, f"{name}.{key}" if name else str(key)).items()}


def torch_file(name, value, **options):
    torch.save(value, OUT / name, **options)
    expected[name] = describe(flat(value))


base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4) / 7
model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(3, 2))
torch_file("model.pt", model.state_dict())
torch_file("checkpoint.pt", {"epoch": 3, "model": model.state_dict(), "best": None, "tags": ["a"], "lrs": [torch.tensor([1e-3, 1e-2])]})
torch_file("parameter.pt", OrderedDict(weight=nn.Parameter(base[0].clone())))
torch_file("views.pt", dict(permuted=base.permute(2, 0, 1), strided=base[:, ::2, 1:3], expanded=torch.tensor([1.0, 2.0])[:, None].expand(2, 3), row=base[1, 2], tied=base, scalar=torch.tensor(3.5), empty=torch.zeros(0, 4)))
wide = torch.tensor([0.0, 1.0, -2.5, 65504.0, 6e-5, 1e-7, float("inf")])
torch_file("dtypes.pt", dict(f64=wide.double().clamp(max=1e30), f16=wide.half().clamp(max=60000), bf16=wide.bfloat16().clamp(max=1e30), i64=torch.tensor([1, -2, 2**31 - 1, -2**31]), i32=torch.tensor([5, -6], dtype=torch.int32), i16=torch.tensor([300, -7], dtype=torch.int16), i8=torch.tensor([-8, 9], dtype=torch.int8), u8=torch.tensor([0, 255], dtype=torch.uint8), bool=torch.tensor([True, False])))
old = dict(_use_new_zipfile_serialization=False)  # storages are named by their addresses: these files differ each time
torch_file("legacy.pt", model.state_dict(), **old)
torch_file("legacyCheckpoint.pt", {"epoch": 3, "model": dict(a=base.permute(2, 0, 1), b=base[1, 2]), "lrs": [torch.tensor([1e-3])], "empty": torch.zeros(0, 4), "count": torch.tensor(7), "half": base.half()[0]}, **old)
torch.save(model, OUT / "legacyWholeModel.pt", **old)
torch.save(dict(big=torch.tensor([2**31])), OUT / "longs.pt")
torch.save(model, OUT / "wholeModel.pt")

tensors = dict(weight=base, half=wide[:6].half(), brain=wide[:6].bfloat16(), count=torch.tensor([1, -2, 3]), index=torch.tensor([[1], [2]], dtype=torch.int32), bytes=torch.tensor([0, 255], dtype=torch.uint8), mask=torch.tensor([True, False]), scalar=torch.tensor(2.5), empty=torch.zeros(0, 3))
save_file(tensors, OUT / "tensors.safetensors", metadata={"made by": "safetensors", "ünï": "cödé"})
expected["tensors.safetensors"] = describe(tensors)


class Call:
    "Pickles as a call, which a full unpickler would make."

    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


def hostile(name, data, compression=zipfile.ZIP_STORED, records=()):
    with zipfile.ZipFile(OUT / name, "w", compression) as archive:
        # A fixed date, so that the file is the same each time.
        for path, content in [("archive/data.pkl", data), ("archive/version", b"3\n"), *records]:
            archive.writestr(zipfile.ZipInfo(path, (2000, 1, 1, 0, 0, 0)), content, compression)


hostile("system.pt", pickle.dumps(OrderedDict(a=Call(os.system, "echo hacked > hacked.txt")), protocol=2))
hostile("eval.pt", pickle.dumps({"a": Call(eval, "1+1")}, protocol=2))
hostile("getattr.pt", pickle.dumps({"a": Call(getattr, OrderedDict, "update")}, protocol=2))
hostile("bomb.pt", b"\x80\x02}q\x00.", zipfile.ZIP_DEFLATED, [("archive/data/0", bytes(200_000))])
hostile("backwards.pt", b"\x80\x03B\xfb\xff\xff\xff.")  # BINBYTES of length -5
laughs = ["ha"]
for _ in range(40):
    laughs = [laughs] * 10  # a few hundred bytes that unfold into 10 ** 40 words
listed = pickle.dumps(laughs, protocol=4)[11:-1]  # without the header and the end
hostile("laughsName.pt", b"\x80\x04" + listed + b"\x8c\x01a\x93.")  # STACK_GLOBAL of a list
hostile("laughsDict.pt", b"\x80\x04(" + listed + b"Nd.")  # DICT
hostile("laughsKey.pt", b"\x80\x04}" + listed + b"Ns.")
hostile("laughsState.pt", b"\x80\x04]}" + listed + b"Nsb.")  # BUILD of a list
hostile("instance.pt", b"\x80\x02ccollections\nOrderedDict\n)\x81.")


class Tensor(pickle.Pickler):
    "A tensor's pickle whose storage, shape and stride are whatever the caller says."

    def persistent_id(self, obj):
        return obj.id if isinstance(obj, Storage) else None


class Storage:
    def __init__(self, *id):
        self.id = id


def tensor_pickle(shape, stride, length, offset=0):
    out = io.BytesIO()
    storage = Storage("storage", torch.FloatStorage, "0", "cpu", length)
    Tensor(out, 2).dump({"w": Call(torch._utils._rebuild_tensor_v2, storage, offset, shape, stride, False, OrderedDict())})
    return out.getvalue()


numbers = ("archive/data/0", bytes(16))
hostile("outside.pt", tensor_pickle((4,), (2,), 4), records=[numbers])
hostile("unfolds.pt", tensor_pickle((10**5, 10**5), (0, 0), 4), records=[numbers])
hostile("absurd.pt", tensor_pickle((10**12,), (1,), 10**12), records=[numbers])
hostile("missing.pt", tensor_pickle((4,), (1,), 4))
hostile("bigEndian.pt", tensor_pickle((4,), (1,), 4), records=[numbers, ("archive/byteorder", b"big")])


# The format before PyTorch 1.6, part by part, so that each can be wrong.

FLOATS = struct.pack("<q4f", 4, 1, 2, 3, 4)


def pickled(value):
    return pickle.dumps(value, protocol=2)


def legacy_tensor(length=4, key="0", view=None, rebuild=torch._utils._rebuild_tensor_v2, shape=(4,), kind=torch.FloatStorage):
    more = (False, OrderedDict()) if rebuild is torch._utils._rebuild_tensor_v2 else ()
    return Call(rebuild, Storage("storage", kind, key, "cpu", length, view), 0, shape, (1,), *more)


def legacy_file(name, root=None, keys=pickled(["0"]), data=FLOATS, magic=MAGIC_NUMBER, version=pickled(1001), info=pickled(dict(protocol_version=1001, little_endian=True))):
    out = io.BytesIO()
    Tensor(out, 2).dump(root or {"w": legacy_tensor()})
    (OUT / name).write_bytes(pickled(magic) + version + info + out.getvalue() + keys + data)


legacy_file("legacyFirst.pt", {"all": legacy_tensor(rebuild=torch._utils._rebuild_tensor), "part": legacy_tensor(view=("1", 1, 2), shape=(2,))})
expected["legacyFirst.pt"] = describe(dict(all=torch.tensor([1.0, 2, 3, 4]), part=torch.tensor([2.0, 3])))
legacy_file("legacyPython2.pt", Call(OrderedDict, [["w", legacy_tensor()]]))
expected["legacyPython2.pt"] = describe(dict(w=torch.tensor([1.0, 2, 3, 4])))
attack = pickled(Call(os.system, "echo hacked > hacked.txt"))
legacy_file("legacySystemVersion.pt", version=attack)
legacy_file("legacySystemInfo.pt", info=attack)
legacy_file("legacySystemObject.pt", {"w": legacy_tensor(), "x": Call(os.system, "echo hacked > hacked.txt")})
legacy_file("legacySystemKeys.pt", keys=attack)
legacy_file("legacyLaughsVersion.pt", version=pickled(laughs))
legacy_file("legacyLaughsKeys.pt", keys=pickled([laughs]))
legacy_file("legacyLaughsStorage.pt", {"w": legacy_tensor(key=laughs)})
legacy_file("legacyMagic.pt", magic=MAGIC_NUMBER + 1)
legacy_file("legacyVersion.pt", version=pickled(1002))
legacy_file("legacyBigEndian.pt", info=pickled(dict(protocol_version=1001, little_endian=False)))
legacy_file("legacyKeys.pt", keys=pickled("0"))
legacy_file("legacyUnknownKey.pt", keys=pickled(["0", "7"]))
legacy_file("legacyTwice.pt", keys=pickled(["0", "0"]), data=FLOATS * 2)
legacy_file("legacyMissing.pt", keys=pickled([]), data=b"")
legacy_file("legacyCount.pt", data=struct.pack("<q4f", 2**62, 1, 2, 3, 4))
legacy_file("legacyNegative.pt", data=struct.pack("<q4f", -4, 1, 2, 3, 4))
legacy_file("legacyAbsurd.pt", {"w": legacy_tensor(10**15, shape=(10**15,))}, data=struct.pack("<q4f", 10**15, 1, 2, 3, 4))
legacy_file("legacyTwoKinds.pt", {"w": legacy_tensor(), "x": legacy_tensor(kind=torch.DoubleStorage)})
legacy_file("legacyOutside.pt", {"w": legacy_tensor(view=("1", 2, 2), shape=(3,))})
legacy_file("legacyView.pt", {"w": legacy_tensor(view=("1", 2, 3), shape=(3,))})

header = dict(madeBy="tools/golden/files.py", torch=torch.__version__, safetensors=safetensors.__version__, fastai=None)
text = json.dumps({**header, "files": expected}).replace("Infinity", "1e999")
OUT.with_suffix(".json").write_text(text + "\n")
print(sum(f.stat().st_size for f in OUT.iterdir()), sorted(f.name for f in OUT.iterdir()))
