"""One training step of fastai's model for tables: in a plain PyTorch loop, or through fastai's Learner."""
from passes import fastai_passes, time_passes, torch_step
from peer import allow_missing_operators, load_torch, run, versions


def table_model(torch, sizes, widths, conts, hidden):
    nn = torch.nn

    class TableModel(nn.Module):
        def __init__(self):
            super().__init__()
            self.embeds = nn.ModuleList([nn.Embedding(n, w) for n, w in zip(sizes, widths)])
            self.bn_cont = nn.BatchNorm1d(conts)
            layers, n_in = [], sum(widths) + conts
            for n in hidden:
                layers += [nn.Linear(n_in, n, bias=False), nn.ReLU(), nn.BatchNorm1d(n)]
                n_in = n
            self.layers = nn.Sequential(*layers, nn.Linear(n_in, 2))

        def forward(self, cats, numbers):
            vectors = [embed(cats[:, i]) for i, embed in enumerate(self.embeds)]
            return self.layers(torch.cat([*vectors, self.bn_cont(numbers)], 1))

    return TableModel()


def measure(job, params):
    torch = load_torch(job["threads"])
    bs, sizes, conts, steps, passes = (params[k] for k in ("bs", "sizes", "conts", "steps", "passes"))
    model = table_model(torch, sizes, params["widths"], conts, params["hidden"])
    xb = [torch.stack([torch.randint(0, n, (bs,)) for n in sizes], 1), torch.randn(bs, conts)]
    yb = torch.randint(0, 2, (bs,))
    loss_func = torch.nn.CrossEntropyLoss()
    if job["peer"] == "fastai":
        allow_missing_operators(torch)
        samples = fastai_passes(model, loss_func, (*xb, yb), steps, passes)
        return {"samples": {"tabularStep": samples}, "versions": versions("torch", "fastai")}
    samples = time_passes(torch_step(torch, model, loss_func, xb, yb), steps, passes)
    return {"samples": {"tabularStep": samples}, "versions": versions("torch")}


run(measure)
