"""One training step of fastai's model for ratings: in a plain PyTorch loop, or through fastai's Learner."""
from passes import fastai_passes, time_passes, torch_step
from peer import allow_missing_operators, load_torch, run, versions


def dot_product(torch, users, items, factors):
    nn = torch.nn

    class DotProduct(nn.Module):
        def __init__(self):
            super().__init__()
            self.users, self.items = nn.Embedding(users, factors), nn.Embedding(items, factors)
            self.user_bias, self.item_bias = nn.Embedding(users, 1), nn.Embedding(items, 1)

        def forward(self, ids):
            user, item = ids[:, 0], ids[:, 1]
            product = (self.users(user) * self.items(item)).sum(1)
            raw = product + self.user_bias(user).squeeze(1) + self.item_bias(item).squeeze(1)
            return torch.sigmoid(raw) * 5.5

    return DotProduct()


def measure(job, params):
    torch = load_torch(job["threads"])
    bs, users, items, steps, passes = (params[k] for k in ("bs", "users", "items", "steps", "passes"))
    model = dot_product(torch, users, items, params["factors"])
    xb = [torch.stack([torch.randint(0, n, (bs,)) for n in (users, items)], 1)]
    yb = torch.rand(bs) * 4 + 1
    loss_func = torch.nn.MSELoss()
    if job["peer"] == "fastai":
        allow_missing_operators(torch)
        samples = fastai_passes(model, loss_func, (*xb, yb), steps, passes)
        return {"samples": {"collabStep": samples}, "versions": versions("torch", "fastai")}
    samples = time_passes(torch_step(torch, model, loss_func, xb, yb), steps, passes)
    return {"samples": {"collabStep": samples}, "versions": versions("torch")}


run(measure)
