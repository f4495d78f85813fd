// Rows of a table by id, and the sum of rows by the id they came from.
#include <algorithm>
#include <cstring>

#include "kernel.h"
#include "threads.h"

namespace layerwise {
namespace {

constexpr Failure unknownId = "an id is negative, or not below the number of rows of the table";

bool known(const int32_t* ids, int64_t n, int64_t vocab) {
  return std::all_of(ids, ids + n, [=](int32_t id) { return id >= 0 && id < vocab; });
}

}  // namespace

/** weight: float32[vocab, width]; ids: int32[n]; out: float32[n, width]. */
KERNEL(embedding) {
  const float* weight = args.floats();
  const int32_t* ids = args.ints();
  float* out = args.pointer<float>();
  const int64_t n = args.size();
  const int64_t vocab = args.size();
  const int64_t width = args.size();
  if (!known(ids, n, vocab)) return unknownId;
  const int64_t grain = std::max<int64_t>(1, (1 << 15) / std::max<int64_t>(width, 1));
  parallel(n, grain, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) std::memcpy(out + i * width, weight + ids[i] * width, 4 * width);
  });
  return ok;
}

/**
 * ids: int32[n]; dy: float32[n, width]; out: float32[vocab, width]. Threads share columns, so each number is the sum of
 * its terms in the order of the ids, however many threads there are.
 */
KERNEL(embeddingGrad) {
  const int32_t* ids = args.ints();
  const float* dy = args.floats();
  float* out = args.pointer<float>();
  const int64_t n = args.size();
  const int64_t vocab = args.size();
  const int64_t width = args.size();
  if (!known(ids, n, vocab)) return unknownId;
  parallel(vocab * width, 1 << 16, [=](int64_t begin, int64_t end) { std::fill(out + begin, out + end, 0.0f); });
  const int64_t grain = std::max<int64_t>(64, (1 << 15) / std::max<int64_t>(n, 1));
  parallel(width, grain, [=](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < n; i++) {
      const float* __restrict from = dy + i * width;
      float* __restrict to = out + ids[i] * width;
      for (int64_t c = begin; c < end; c++) to[c] += from[c];
    }
  });
  return ok;
}

}  // namespace layerwise
