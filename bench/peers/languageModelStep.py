"""One training step of a language model of AWD-LSTM's shape, without its dropouts, in a plain PyTorch loop."""
from passes import time_passes, torch_step
from peer import load_torch, run, versions


def language_model(torch, vocab, emb, hidden, layers):
    nn = torch.nn

    class LanguageModel(nn.Module):
        def __init__(self):
            super().__init__()
            sizes = [emb] + [hidden] * (layers - 1) + [emb]
            self.encoder = nn.Embedding(vocab, emb)
            self.rnns = nn.ModuleList([nn.LSTM(a, b, batch_first=True) for a, b in zip(sizes, sizes[1:])])
            self.decoder = nn.Linear(emb, vocab)
            self.decoder.weight = self.encoder.weight

        def forward(self, ids):
            x = self.encoder(ids)
            for rnn in self.rnns:
                x, _ = rnn(x)
            return self.decoder(x)

    return LanguageModel()


def measure(job, params):
    torch = load_torch(job["threads"])
    bs, words, vocab, steps, passes = (params[k] for k in ("bs", "words", "vocab", "steps", "passes"))
    model = language_model(torch, vocab, params["emb"], params["hidden"], params["layers"])
    xb, yb = [torch.randint(0, vocab, (bs, words))], torch.randint(0, vocab, (bs, words))
    cross_entropy = torch.nn.CrossEntropyLoss()

    def loss_func(pred, target):
        return cross_entropy(pred.view(-1, vocab), target.view(-1))

    samples = time_passes(torch_step(torch, model, loss_func, xb, yb), steps, passes)
    return {"samples": {"languageModelStep": samples}, "versions": versions("torch")}


run(measure)
