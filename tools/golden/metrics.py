"""Golden numbers for packages/core/src/metrics from scikit-learn and SciPy: python tools/golden/metrics.py

Scores that scikit-learn leaves undefined (NaN or an error) are null here.
"""
import json
import math
import warnings
from pathlib import Path

import numpy as np
import scipy
import scipy.stats
import sklearn
import sklearn.metrics as skm
from scipy.optimize import minimize_scalar

warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
cases = []


def flat(a):
    return [float(f"{v:.9g}") for v in np.asarray(a, dtype=float).ravel()]


def add(metric, options, targ, pred, score):
    try:
        value = float(score())
    except ValueError:
        value = math.nan
    value = None if math.isnan(value) else float(f"{value:.10g}")
    row = dict(metric=metric, options=options, targ=flat(targ), pred=flat(pred), predShape=list(pred.shape))
    cases.append(row | dict(targShape=list(targ.shape), value=value))


# Class indices: two classes, three, a class only predicted, a class only true, one class in all.
three, guess = rng.integers(0, 3, 24), rng.integers(0, 3, 24)
sets = {
    "two": (rng.integers(0, 2, 24), rng.integers(0, 2, 24)),
    "three": (three, np.where(rng.random(24) < 0.6, three, guess)),
    "onlyPredicted": (np.minimum(three, 1), guess),
    "onlyTrue": (three, np.minimum(guess, 1)),
    "one": (np.ones(5, int), np.ones(5, int)),
    "allWrong": (np.zeros(4, int), np.ones(4, int)),
}
counted = {
    "precision": (skm.precision_score, {}),
    "recall": (skm.recall_score, {}),
    "f1Score": (skm.f1_score, {}),
    "fBeta": (skm.fbeta_score, dict(beta=2)),
    "jaccard": (skm.jaccard_score, {}),
}
for name, (t, p) in sets.items():
    two_classes = max(t.max(), p.max()) < 2
    for metric, (score, extra) in counted.items():
        for average in (["binary"] if two_classes else []) + ["macro", "micro", "weighted"]:
            add(metric, extra | dict(average=average), t, p, lambda: score(t, p, average=average, zero_division=0, **extra))
    if name == "two":
        add("f1Score", dict(posLabel=0), t, p, lambda: skm.f1_score(t, p, pos_label=0))
    if name == "three":
        some = dict(labels=[0, 2], average="macro")
        add("f1Score", some, t, p, lambda: skm.f1_score(t, p, **some))
        add("cohenKappa", dict(labels=[2, 0]), t, p, lambda: skm.cohen_kappa_score(t, p, labels=[2, 0]))
    for adjusted in [False, True]:
        defined = not (adjusted and len(set(t)) == 1)
        score = lambda: skm.balanced_accuracy_score(t, p, adjusted=adjusted) if defined else math.nan
        add("balancedAccuracy", dict(adjusted=adjusted), t, p, score)
    for weights in ["none", "linear", "quadratic"]:
        w = None if weights == "none" else weights
        add("cohenKappa", dict(weights=weights), t, p, lambda: skm.cohen_kappa_score(t, p, weights=w))
    add("matthewsCorrCoef", {}, t, p, lambda: skm.matthews_corrcoef(t, p))
    add("hammingLoss", {}, t, p, lambda: skm.hamming_loss(t, p))
    if name == "two":
        add("brierScore", {}, t, p, lambda: skm.brier_score_loss(t, p))

# Rankings of two classes; probabilities in tenths, so that many are equal.
for t, p in [(rng.integers(0, 2, 40), rng.integers(0, 11, 40) / 10), (rng.integers(0, 2, 40), rng.random(40))]:
    p = p.round(4)
    for max_fpr in [1, 0.3, 0.05]:
        add("rocAucBinary", dict(maxFpr=max_fpr), t, p, lambda: skm.roc_auc_score(t, p, max_fpr=max_fpr))
    add("apScoreBinary", {}, t, p, lambda: skm.average_precision_score(t, p))
    add("apScoreBinary", dict(posLabel=0), t, p, lambda: skm.average_precision_score(t, p, pos_label=0))
same = np.zeros(4, int)
add("rocAucBinary", {}, same, np.array([0.1, 0.2, 0.3, 0.3]), lambda: math.nan)
add("apScoreBinary", {}, same, np.array([0.1, 0.2, 0.3, 0.3]), lambda: skm.average_precision_score(same, [0.1, 0.2, 0.3, 0.3]))

# Rankings of several classes; quarters, so that many are equal and rows add up exactly.
parts = rng.multinomial(4, [0.4, 0.3, 0.3], 30) / 4
t3 = rng.integers(0, 3, 30)
for t in [t3, np.minimum(t3, 1)]:
    for multi_class, averages in {"ovr": ["macro", "weighted", "micro"], "ovo": ["macro", "weighted"]}.items():
        for average in averages:
            o = dict(multiClass=multi_class, average=average)
            add("rocAuc", o, t, parts, lambda: skm.roc_auc_score(t, parts, multi_class=multi_class, average=average))

# Several labels at once; the second table has a label without positives and a sample without labels.
for round_, n in enumerate([20, 20]):
    t, probs = rng.integers(0, 2, (n, 4)), rng.integers(0, 11, (n, 4)) / 10
    if round_ == 1:
        t[:, 2] = 0
        t[3] = 0
    said = (probs >= 0.5).astype(int)
    if round_ == 1:
        said[:, 2] = said[3] = 0
    for metric, (score, extra) in counted.items():
        for average in ["macro", "micro", "weighted", "samples"]:
            call = lambda: score(t, said, average=average, zero_division=0, **extra)
            add(metric + "Multi", extra | dict(average=average), t, said, call)
    for average in ["macro", "micro", "weighted", "samples"]:
        o = dict(average=average)
        add("apScoreMulti", o, t, probs, lambda: skm.average_precision_score(t, probs, average=average))
        add("rocAucMulti", o, t, probs, lambda: skm.roc_auc_score(t, probs, average=average))
    add("hammingLossMulti", {}, t, said, lambda: skm.hamming_loss(t, said))
    add("brierScoreMulti", {}, t, said, lambda: ((t - said) ** 2).mean())
    columns = lambda: np.mean([skm.matthews_corrcoef(t[:, j], said[:, j]) for j in range(4)])
    add("matthewsCorrCoefMulti", dict(average="macro"), t, said, columns)
    add("matthewsCorrCoefMulti", dict(average="micro"), t, said, lambda: skm.matthews_corrcoef(t.ravel(), said.ravel()))

# Regression; the second set has equal numbers, the last ones are constant.
noisy = rng.normal(3, 2, 30).round(4)
regression = [
    (noisy, (noisy + rng.normal(0.5, 1, 30)).round(4)),
    (rng.integers(0, 5, 30), rng.integers(0, 5, 30)),
    (np.full(5, 2.0), np.arange(5.0)),
    (np.full(5, 2.0), np.full(5, 2.0)),
    (np.array([1.0]), np.array([2.0])),
]
for t, p in regression:
    add("rmse", {}, t, p, lambda: skm.root_mean_squared_error(t, p))
    add("expRmspe", {}, t, p, lambda: np.sqrt((((np.exp(t) - np.exp(p)) / np.exp(t)) ** 2).mean()))
    add("explainedVariance", {}, t, p, lambda: skm.explained_variance_score(t, p))
    add("r2Score", {}, t, p, lambda: skm.r2_score(t, p))
    add("pearsonCorrCoef", {}, t, p, lambda: scipy.stats.pearsonr(t, p).statistic)
    add("spearmanCorrCoef", {}, t, p, lambda: scipy.stats.spearmanr(t, p).statistic)

# Bounded minimization: [name, low, high, tol, x, f(x), calls].
functions = {
    "parabola": lambda x: (x - 0.37) ** 2,
    "bumpy": lambda x: math.sin(5 * x) + (x - 1) ** 2,
    "edge": lambda x: x,
    "steps": lambda x: round(8 * abs(x - 0.6)) / 8,
}
brent = []
for name, f in functions.items():
    for low, high, tol in [(0, 1, 0.01), (-2, 3, 1e-5), (0.2, 0.8, 0.01)]:
        r = minimize_scalar(f, bounds=(low, high), method="bounded", options=dict(xatol=tol))
        brent.append([name, low, high, tol, float(r.x), float(r.fun), int(r.nfev)])

out = Path(__file__).parents[2] / "packages/core/test/golden/metrics.json"
head = dict(madeBy="tools/golden/metrics.py", sklearn=sklearn.__version__, scipy=scipy.__version__, brent=brent)
rows = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
out.write_text(json.dumps(head)[:-1] + ', "cases": [\n' + rows + "\n]}\n")
print(len(cases), out.stat().st_size)
