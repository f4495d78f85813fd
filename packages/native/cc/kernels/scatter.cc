// Writing and adding up at places that a tensor of indices says.
#include <algorithm>
#include <cstring>

#include "kernel.h"
#include "places.h"
#include "threads.h"

namespace layerwise {

/** Threads share columns, so that what meets in one place is added in the order of the indices. */
static int64_t columnsPerPart(int64_t rows) { return std::max<int64_t>(16, (1 << 16) / std::max<int64_t>(rows, 1)); }

/** (updates, out[slices, size], size, elements from one update to the next, then `Places`) */
template <typename T, bool add>
static Failure scatter(Args args) {
  const T* updates = args.pointer<const T>();
  T* out = args.pointer<T>();
  const int64_t size = args.size();
  const int64_t stride = args.size();
  Places places;
  if (const Failure failure = places.read(args)) return failure;
  parallel(size, columnsPerPart(places.count), [&](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < places.count; i++) {
      T* __restrict to = out + places.at(i) * size;
      const T* __restrict from = updates + i * stride;
      for (int64_t k = begin; k < end; k++) to[k] = add ? to[k] + from[k] : from[k];
    }
  });
  return ok;
}

KERNEL(scatterAddFloat) { return scatter<float, true>(args); }
KERNEL(scatterAddInt) { return scatter<uint32_t, true>(args); }
KERNEL(scatterAddBool) { return scatter<uint8_t, true>(args); }
KERNEL(scatterWriteWords) { return scatter<uint32_t, false>(args); }
KERNEL(scatterWriteBytes) { return scatter<uint8_t, false>(args); }

/** (x[rows, inner], ids[rows], out[segments, inner], rows, inner, segments): ids of no segment are left out. */
KERNEL(segmentSum) {
  const float* x = args.floats();
  const int32_t* ids = args.ints();
  float* out = args.pointer<float>();
  const int64_t rows = args.size();
  const int64_t inner = args.size();
  const int64_t segments = args.size();
  std::memset(out, 0, segments * inner * sizeof(float));
  parallel(inner, columnsPerPart(rows), [=](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < rows; i++) {
      if (ids[i] < 0 || ids[i] >= segments) continue;
      float* __restrict to = out + ids[i] * inner;
      const float* __restrict from = x + i * inner;
      for (int64_t k = begin; k < end; k++) to[k] += from[k];
    }
  });
  return ok;
}

/** (indices[n], out[n, depth], n, depth, on, off) */
template <typename T>
static Failure oneHot(Args args) {
  const int32_t* indices = args.ints();
  T* out = args.pointer<T>();
  const int64_t n = args.size();
  const int64_t depth = args.size();
  const T on = static_cast<T>(args.exact());
  const T off = static_cast<T>(args.exact());
  parallel(n, std::max<int64_t>(1, (1 << 16) / depth), [=](int64_t begin, int64_t end) {
    std::fill(out + begin * depth, out + end * depth, off);
    for (int64_t i = begin; i < end; i++) {
      if (indices[i] >= 0 && indices[i] < depth) out[i * depth + indices[i]] = on;
    }
  });
  return ok;
}

KERNEL(oneHotFloat) { return oneHot<float>(args); }
KERNEL(oneHotInt) { return oneHot<int32_t>(args); }
KERNEL(oneHotBool) { return oneHot<uint8_t>(args); }

}  // namespace layerwise
