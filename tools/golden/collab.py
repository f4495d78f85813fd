"""Golden numbers of collaborative filtering: fastai's two models on given weights.

python tools/golden/collab.py   writes packages/collab/test/golden/collab.json
"""
import json
from pathlib import Path

import torch

# a torchvision without compiled operators refuses to load on some builds of PyTorch; nothing here needs them
torch.library.register_fake = lambda *_args, **_kwargs: (lambda f: f)

import fastai  # noqa: E402
from fastai.collab import EmbeddingDotBias, EmbeddingNN  # noqa: E402
from fastai.tabular.model import emb_sz_rule  # noqa: E402


def rounded(x):
    return [float(f"{v:.8g}") for v in x.detach().flatten().tolist()]


def state(model):
    kept = {k: v for k, v in model.state_dict().items() if not k.endswith("num_batches_tracked")}
    return {name: {"shape": list(value.shape), "values": rounded(value)} for name, value in kept.items() if value.numel()}


def case(model, ids, ratings):
    model.train()
    pred = model(ids)
    loss = torch.nn.functional.mse_loss(pred.view(-1), ratings)
    loss.backward()
    grads = {n: rounded(p.grad) for n, p in model.named_parameters() if p.grad is not None and p.numel()}
    return {"pred": rounded(pred), "loss": float(loss), "grads": grads}


torch.manual_seed(42)
ids = torch.tensor([[1, 2], [3, 1], [0, 4], [1, 2], [4, 0], [2, 3]])
ratings = torch.tensor([4.0, 2.0, 5.0, 3.5, 1.0, 0.5])
out = {
    "madeBy": "tools/golden/collab.py",
    "torch": torch.__version__,
    "fastai": fastai.__version__,
    "ids": ids.flatten().tolist(),
    "ratings": ratings.tolist(),
    "embSzRule": [[n, emb_sz_rule(n)] for n in (2, 10, 671, 944, 1635, 9067, 100000)],
}
for name, y_range in (("plain", None), ("ranged", (0, 5.5))):
    model = EmbeddingDotBias(3, 5, 5, y_range)
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.5)
    out[name] = {"yRange": y_range, "state": state(model), **case(model, ids, ratings)}
model = EmbeddingNN([(5, 3), (5, 2)], [6, 4], y_range=(0.5, 5.5))
for p in model.parameters():
    torch.nn.init.normal_(p, std=0.5)
out["neural"] = {"state": state(model), **case(model, ids, ratings)}
torch.manual_seed(7)
drawn = EmbeddingDotBias(4, 6, 5, (0, 5.5))
out["drawn"] = {name: rounded(value) for name, value in drawn.state_dict().items()}
target = Path(__file__).parents[2] / "packages/collab/test/golden/collab.json"
target.parent.mkdir(parents=True, exist_ok=True)
target.write_text(json.dumps(out))
print(target.stat().st_size)
