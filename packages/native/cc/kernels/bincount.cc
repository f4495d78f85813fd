// How often each small whole number occurs.
#include <algorithm>

#include "kernel.h"
#include "scratch.h"
#include "threads.h"

namespace layerwise {
namespace {

/** Below this many numbers one thread is done before others are awake. */
constexpr int64_t partSize = 1 << 16;

}  // namespace

/**
 * Counts of 0...size-1 among x: int32[n], as out: float32[size] or, `isFloat` 0, int32[size]. Larger numbers are left
 * out. With weights of out's type, or null, sums them instead of counting.
 */
KERNEL(bincount) {
  const int32_t* x = args.ints();
  const int64_t n = args.size();
  const int64_t size = args.size();
  const void* weights = args.pointer<const void>();
  void* out = args.pointer<void>();
  const bool isFloat = args.flag();
  for (int64_t i = 0; i < n; i++) {
    if (x[i] < 0) return "Input x must be non-negative!";
  }
  if (weights != nullptr) {
    if (isFloat) {
      float* sums = static_cast<float*>(out);
      const float* each = static_cast<const float*>(weights);
      std::fill(sums, sums + size, 0.0f);
      for (int64_t i = 0; i < n; i++) if (x[i] < size) sums[x[i]] += each[i];
    } else {
      int32_t* sums = static_cast<int32_t*>(out);
      const int32_t* each = static_cast<const int32_t*>(weights);
      std::fill(sums, sums + size, 0);
      for (int64_t i = 0; i < n; i++) {
        if (x[i] < size) sums[x[i]] = static_cast<int32_t>(static_cast<uint32_t>(sums[x[i]]) + static_cast<uint32_t>(each[i]));
      }
    }
    return ok;
  }
  // whole counts add up to the same in any order, so threads may have tables of their own
  const int64_t parts = (n + partSize - 1) / partSize;
  const bool isShared = parts > 1 && size <= 4096;
  const int64_t tables = isShared ? parts : 1;
  int64_t* counts = static_cast<int64_t*>(scratch(sizeof(int64_t) * static_cast<size_t>(tables * size + 1)));
  if (counts == nullptr) return outOfMemory;
  std::fill(counts, counts + tables * size, 0);
  parallel(n, isShared ? partSize : n, [=](int64_t begin, int64_t end) {
    int64_t* own = counts + (isShared ? begin / partSize : 0) * size;
    for (int64_t i = begin; i < end; i++) if (x[i] < size) own[x[i]]++;
  });
  for (int64_t k = 0; k < size; k++) {
    int64_t total = 0;
    for (int64_t table = 0; table < tables; table++) total += counts[table * size + k];
    if (isFloat) static_cast<float*>(out)[k] = static_cast<float>(total);
    else static_cast<int32_t*>(out)[k] = static_cast<int32_t>(total);
  }
  return ok;
}

}  // namespace layerwise
