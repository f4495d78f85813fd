"""Logits of torchvision's ResNets and fastai's XResNets for weights and pictures that both sides draw by the same rule.

    python tools/golden/vision_models.py            writes packages/vision/test/golden/models.json
    python tools/golden/vision_models.py --save DIR also saves resnet18.pth and resnet34.pth as PyTorch does,
                                                    and resnet18.safetensors
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch

# The CPU build of torch lacks the compiled operators that torchvision registers shapes for; the models need none.
torch.library.register_fake = lambda *_args, **_kwargs: (lambda f: f)
import torchvision  # noqa: E402
from fastai.vision.models import xresnet as fx  # noqa: E402
from torchvision.models import resnet18, resnet34, resnet50  # noqa: E402

OUT = Path(__file__).parents[2] / "packages/vision/test/golden/models.json"


def fill(model, seed):
    """Uniform draws in the order of sorted names: NumPy's doubles are those of `Rng.uniform`."""
    rng = np.random.RandomState(seed)
    state = {}
    for name, value in sorted(model.state_dict().items()):
        if name.endswith("num_batches_tracked"):
            state[name] = value
            continue
        draws = rng.random_sample(value.numel()).reshape(value.shape)
        if name.endswith("running_var"): drawn = 0.5 + draws
        elif value.ndim > 1:
            fan_in = int(np.prod(value.shape[1:]))
            drawn = (2 * draws - 1) * np.sqrt(6 / fan_in)
        elif name.endswith("weight"): drawn = 0.5 + draws * 0.5
        else: drawn = (2 * draws - 1) * 0.1
        state[name] = torch.tensor(drawn.astype(np.float32))
    model.load_state_dict(state)
    return model.eval()


def picture(seed, size):
    rng = np.random.RandomState(seed)
    return torch.tensor((rng.random_sample(2 * size * size * 3) * 2 - 1).astype(np.float32).reshape(2, size, size, 3))


def logits(model, x):
    with torch.no_grad():
        return [float(f"{v:.8g}") for v in model(x.permute(0, 3, 1, 2)).reshape(-1).tolist()]


cases = []
makers = {"resnet18": resnet18, "resnet34": resnet34, "resnet50": resnet50,
          "xresnet18": fx.xresnet18, "xresnet50": fx.xresnet50, "xseResnext18": fx.xse_resnext18,
          # xsenet154 as it was meant (its own call fails), with a block per stage
          "xsenet154 with a block per stage": lambda n_out=1000: fx.XResNet(fx.SEBlock, 4, [1, 1, 1, 1], n_out=n_out, p=0.2, groups=64, reduction=16)}
for name, maker in makers.items():
    n_out, size = 5, 64 if "50" not in name else 48
    model = fill(maker(num_classes=n_out) if name.startswith("resnet") else maker(n_out=n_out), 3)
    cases.append({"name": name, "nOut": n_out, "seed": 3, "pictureSeed": 5, "size": size,
                  "names": len([k for k in model.state_dict() if "num_batches" not in k]),
                  "params": sum(p.numel() for p in maker().parameters()),
                  "logits": logits(model, picture(5, size))})
    if "--save" in sys.argv and name in ("resnet18", "resnet34"):
        folder = Path(sys.argv[sys.argv.index("--save") + 1])
        folder.mkdir(parents=True, exist_ok=True)
        torch.save(model.state_dict(), folder / f"{name}.pth")
        torch.save(model.state_dict(), folder / f"{name}_legacy.pth", _use_new_zipfile_serialization=False)

OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps({"madeBy": "tools/golden/vision_models.py", "torch": torch.__version__,
                           "torchvision": torchvision.__version__, "fastai": "2.8.12", "cases": cases}))
print("xsenet154", sum(p.numel() for p in fx.XResNet(fx.SEBlock, 4, [3, 8, 36, 3], p=0.2, groups=64, reduction=16).parameters()))
print(OUT, OUT.stat().st_size)
for c in cases: print(c["name"], c["params"], c["logits"][:3])
