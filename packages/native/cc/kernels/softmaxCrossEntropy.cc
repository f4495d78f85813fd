// Cross-entropy between the softmax of a row of logits and a class, and its gradient.
#include <algorithm>
#include <cmath>

#include "kernel.h"
#include "lanes.h"
#include "threads.h"
#include "vectorMath.h"

namespace layerwise {
namespace {

int64_t rowGrain(int64_t columns) { return std::max<int64_t>(1, (1 << 13) / std::max<int64_t>(columns, 1)); }

/** The largest number of a row; a NaN, if there is one, shows in the sum of exponentials. */
float largest(const float* row, int64_t n) {
  Vec best[2] = {fill(-INFINITY), fill(-INFINITY)};
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    for (int k = 0; k < 2; k++) best[k] = select(load(row + i + k * lanes) > best[k], load(row + i + k * lanes), best[k]);
  }
  best[0] = select(best[1] > best[0], best[1], best[0]);
  float result = best[0][0];
  for (int k = 1; k < lanes; k++) result = std::max(result, best[0][k]);
  for (; i < n; i++) result = std::max(result, row[i]);
  return result;
}

}  // namespace

/** logits: float32[rows, columns]; target: int32[rows]; loss, logSumExp: float32[rows]. No such class counts as 0. */
KERNEL(softmaxCrossEntropy) {
  const float* logits = args.floats();
  const int32_t* target = args.ints();
  float* loss = args.pointer<float>();
  float* logSumExp = args.pointer<float>();
  const int64_t rows = args.size();
  const int64_t columns = args.size();
  parallel(rows, rowGrain(columns), [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const float* row = logits + r * columns;
      const float top = largest(row, columns);
      const float total = rowSum(columns, [=](int64_t i, auto lane) { return lane.keep(exp(lane.get(row + i) - top)); });
      logSumExp[r] = std::log(total) + top;
      const bool known = target[r] >= 0 && target[r] < columns;
      loss[r] = logSumExp[r] - (known ? row[target[r]] : 0.0f);
    }
  });
  return ok;
}

/** logits, dlogits: float32[rows, columns]; target: int32[rows]; logSumExp, dy: float32[rows]. */
KERNEL(softmaxCrossEntropyGrad) {
  const float* logits = args.floats();
  const int32_t* target = args.ints();
  const float* logSumExp = args.floats();
  const float* dy = args.floats();
  float* dlogits = args.pointer<float>();
  const int64_t rows = args.size();
  const int64_t columns = args.size();
  parallel(rows, rowGrain(columns), [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const float* row = logits + r * columns;
      float* out = dlogits + r * columns;
      eachLane(0, columns, [=](int64_t i, auto lane) { lane.put(out + i, exp(lane.get(row + i) - logSumExp[r]) * dy[r]); });
      if (target[r] >= 0 && target[r] < columns) {
        const float share = exp(fill(row[target[r]]) - logSumExp[r])[0];
        out[target[r]] = (share - 1.0f) * dy[r];
      }
    }
  });
  return ok;
}

}  // namespace layerwise
