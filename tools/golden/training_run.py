"""One whole training run by fastai: same weights, same batches, 20 steps of one cycle with Adam."""
import json
from pathlib import Path

import fastai
import numpy as np
import torch
from fastai.callback.core import Callback
from fastai.callback.schedule import fit_one_cycle  # noqa: F401, patches Learner
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.learner import Learner
from fastai.losses import CrossEntropyLossFlat
from fastai.metrics import accuracy
from torch import nn

OUT = Path(__file__).parents[2] / "packages/core/test/golden/trainingRun.json"
torch.manual_seed(7)
BS, STEPS = 8, 20


def rounded(t):
    return [float(f"{v:.8g}") for v in np.asarray(t.detach() if hasattr(t, "detach") else t).reshape(-1)]


def rows(n):
    y = torch.randint(0, 3, (n,))
    x = torch.randn(n, 1, 8, 8) * 0.5 + y[:, None, None, None] * 0.4
    x = (x * 100).round() / 100  # short numbers keep the file small
    return [(x[i], y[i]) for i in range(n)]


train, valid = rows(BS * STEPS), rows(16)
model = nn.Sequential(
    nn.Conv2d(1, 4, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(),
    nn.Conv2d(4, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(),
    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.0), nn.Linear(8, 3),
)
initial = {k: {"shape": list(v.shape), "values": rounded(v)} for k, v in model.state_dict().items() if "num_batches" not in k}


class Losses(Callback):
    def before_fit(self): self.raw = []
    def after_loss(self):
        if self.training: self.raw.append(self.loss.item())


losses = Losses()
dls = DataLoaders(DataLoader(train, bs=BS), DataLoader(valid, bs=BS))
learn = Learner(dls, model, loss_func=CrossEntropyLossFlat(), metrics=accuracy, cbs=losses)
with learn.no_bar():
    learn.fit_one_cycle(1, 1e-2)

final = {k: {"shape": list(v.shape), "values": rounded(v)} for k, v in learn.model.state_dict().items() if "num_batches" not in k}
golden = {
    "madeBy": "tools/golden/training_run.py", "torch": torch.__version__, "fastai": fastai.__version__,
    "bs": BS,
    # PyTorch's [N, 1, H, W] has the same order in memory as [N, H, W, 1]
    "train": {"x": rounded(torch.stack([x for x, _ in train])), "y": [int(y) for _, y in train]},
    "valid": {"x": rounded(torch.stack([x for x, _ in valid])), "y": [int(y) for _, y in valid]},
    "initial": initial, "final": final,
    "rawLosses": rounded(losses.raw), "smoothLosses": rounded([float(v) for v in learn.recorder.losses]),
    "lrs": rounded(learn.recorder.lrs), "moms": rounded(learn.recorder.hps["mom"]),
    "validLoss": float(learn.recorder.values[0][1]), "accuracy": float(learn.recorder.values[0][2]),
}
OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps(golden))
print(OUT, OUT.stat().st_size, golden["rawLosses"][:3], golden["rawLosses"][-3:], golden["validLoss"], golden["accuracy"])
