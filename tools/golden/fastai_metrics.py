"""Numbers of fastai's metrics over several batches: packages/core/test/golden/fastaiMetrics.json

Run: python tools/golden/fastai_metrics.py. Class axis last in the file, second for fastai.
"""
import json
from pathlib import Path
from types import SimpleNamespace

import fastai
import torch
from fastai import metrics as fm
from fastai.learner import AvgMetric

OUT = Path(__file__).parents[2] / "packages/core/test/golden/fastaiMetrics.json"
torch.manual_seed(0)


def packed(t):
    return {"shape": list(t.shape), "values": [round(v, 4) for v in t.flatten().tolist()]}


def draw(*shape):
    return torch.randn(*shape).mul(1000).round() / 1000


def case(name, options, metric, batches, last=lambda t: t):
    if not isinstance(metric, fm.Metric):
        metric = AvgMetric(metric)
    metric.reset()
    for pred, targ in batches:
        learn = SimpleNamespace(pred=pred, y=targ, yb=(targ,), training=False, to_detach=lambda t: t, loss=pred.mean())
        metric.accumulate(learn)
    value = metric.value
    rows = [[packed(last(pred)), packed(targ)] for pred, targ in batches]
    return {"metric": name, "options": options, "batches": rows, "value": None if value is None else float(value)}


def rows(*sizes, c=4):
    return [(draw(n, c), torch.randint(0, c, (n,))) for n in sizes]


def pixels(*sizes, c=3):
    return [(draw(n, c, 4, 3), torch.randint(0, c, (n, 4, 3))) for n in sizes]


def sentences(*sizes, vocab=6, length=9):
    for n in sizes:
        targ = torch.randint(0, vocab, (n, length))
        guess = torch.where(torch.rand(n, length) < 0.7, targ, torch.randint(0, vocab, (n, length)))
        yield torch.nn.functional.one_hot(guess, vocab).float(), targ


def cases():
    last = lambda t: t.movedim(1, -1)
    yield case("accuracy", {}, fm.accuracy, rows(5, 3))
    yield case("errorRate", {}, fm.error_rate, rows(5, 3))
    yield case("topKAccuracy", {"k": 2}, lambda p, t: fm.top_k_accuracy(p, t, k=2), rows(5, 3))
    # fastai averages batches, whatever their share of foreground; ours counts pixels, so one batch each.
    yield case("foregroundAcc", {}, fm.foreground_acc, pixels(3), last)
    yield case("foregroundAcc", {"bkgIdx": 2}, lambda p, t: fm.foreground_acc(p, t, bkg_idx=2), pixels(2), last)
    yield case("Dice", {}, fm.Dice(), pixels(2, 3, c=2), last)
    yield case("JaccardCoeff", {}, fm.JaccardCoeff(), pixels(2, 3, c=2), last)
    yield case("DiceMulti", {}, fm.DiceMulti(), pixels(2, 3, c=4), last)
    yield case("JaccardCoeffMulti", {}, fm.JaccardCoeffMulti(), pixels(2, 3, c=4), last)
    labels = [(draw(n, 3), torch.randint(0, 2, (n, 3)).float()) for n in (4, 2)]
    yield case("accuracyMulti", {}, fm.accuracy_multi, labels)
    yield case("accuracyMulti", {"thresh": 0.3}, lambda p, t: fm.accuracy_multi(p, t, thresh=0.3), labels)
    plain = lambda p, t: fm.accuracy_multi(p, t, thresh=0.1, sigmoid=False)
    yield case("accuracyMulti", {"thresh": 0.1, "sigmoid": False}, plain, labels)
    numbers = [(draw(n, 1).abs(), draw(n, 1).abs()) for n in (4, 2)]
    for name, func in {"mse": fm.mse, "mae": fm.mae, "msle": fm.msle}.items():
        yield case(name, {}, func, numbers)
    yield case("rmse", {}, fm.rmse, numbers)
    yield case("expRmspe", {}, fm.exp_rmspe, numbers)
    yield case("Perplexity", {}, fm.Perplexity(), [(p, t) for p, t in numbers])
    yield case("CorpusBLEUMetric", {}, fm.CorpusBLEUMetric(vocab_sz=6), list(sentences(2, 3)))


if __name__ == "__main__":
    header = {"madeBy": "tools/golden/fastai_metrics.py", "torch": torch.__version__, "fastai": fastai.__version__}
    found = list(cases())
    OUT.write_text(json.dumps({"header": header, "cases": found}, separators=(",", ":")) + "\n")
    print([(c["metric"], c["value"]) for c in found], OUT.stat().st_size)
