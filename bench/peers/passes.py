"""Times whole passes of training steps, as `timeSteps` does for ours."""
from time import perf_counter


def time_passes(step, steps, passes):
    """Milliseconds per call of `step`, one number per pass; one more pass before them warms up."""
    samples = []
    for _ in range(passes + 1):
        start = perf_counter()
        for _ in range(steps):
            step()
        samples.append((perf_counter() - start) * 1000 / steps)
    return samples[1:]


def torch_step(torch, model, loss_func, xb, yb):
    """Forward, loss, backward and AdamW with fastai's settings, as a plain PyTorch loop does them."""
    opt = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.99), eps=1e-5, weight_decay=0.01)

    def step():
        loss = loss_func(model(*xb), yb)
        loss.backward()
        opt.step()
        opt.zero_grad()

    return step


def fastai_passes(model, loss_func, batch, steps, passes):
    """The same through fastai's Learner, on one batch that comes again and again."""
    import fastai.callback.progress  # noqa: F401 - a default callback, as the progress bar is for ours
    from fastai.callback.core import Callback
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner

    class FixedBatches:
        n_inp = len(batch) - 1

        def __init__(self, length):
            self.length = length
            self.dataset = range(length)

        def __len__(self): return self.length
        def __iter__(self): return iter([batch] * self.length)

    class PassTimer(Callback):
        order = 1000
        samples = []

        def before_train(self): self.start = perf_counter()
        def after_train(self): self.samples.append((perf_counter() - self.start) * 1000 / steps)

    timer = PassTimer()
    learn = Learner(DataLoaders(FixedBatches(steps), FixedBatches(0)), model, loss_func=loss_func, cbs=[timer])
    with learn.no_bar(), learn.no_logging():
        learn.fit(passes + 1)
    return timer.samples[1:]
