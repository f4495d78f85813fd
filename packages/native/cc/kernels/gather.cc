// Reading at places that a tensor of indices says.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "kernel.h"
#include "places.h"
#include "threads.h"

namespace layerwise {

static constexpr int64_t partBytes = 1 << 18;

/** Of the usual four bytes without a call. */
static inline void copySlice(char* to, const char* from, int64_t bytes) {
  if (bytes == 4) std::memcpy(to, from, 4);
  else std::memcpy(to, from, bytes);
}

/** (x[batch, outer, size, slice], indices[batch, n], out[batch, outer, n, slice], batch, outer, size, n, slice bytes) */
KERNEL(gather) {
  const char* x = args.pointer<const char>();
  const int32_t* indices = args.ints();
  char* out = args.pointer<char>();
  const int64_t batch = args.size();
  const int64_t outer = args.size();
  const int64_t size = args.size();
  const int64_t n = args.size();
  const int64_t bytes = args.size();
  for (int64_t i = 0; i < batch * n; i++) {
    if (indices[i] >= 0 && indices[i] < size) continue;
    static thread_local char text[128];
    std::snprintf(text, sizeof text, "GatherV2: the index value %d is not in [0, %lld]", indices[i],
                  static_cast<long long>(size - 1));
    return text;
  }
  parallel(batch * outer * n, std::max<int64_t>(1, partBytes / (bytes + 8)), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t row = i / n;
      const int64_t index = indices[row / outer * n + i % n];
      copySlice(out + i * bytes, x + (row * size + index) * bytes, bytes);
    }
  });
  return ok;
}

/** (params, out[count, slice], slice bytes, then `Places`) */
KERNEL(gatherNd) {
  const char* params = args.pointer<const char>();
  char* out = args.pointer<char>();
  const int64_t bytes = args.size();
  Places places;
  if (const Failure failure = places.read(args)) return failure;
  parallel(places.count, std::max<int64_t>(1, partBytes / (bytes + 8)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) copySlice(out + i * bytes, params + places.at(i) * bytes, bytes);
  });
  return ok;
}

}  // namespace layerwise
