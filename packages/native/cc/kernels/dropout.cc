// Dropout whose mask is a function of the seed and the position alone: the same on every backend, and in the gradient.
#include "kernel.h"
#include "lanes.h"
#include "threads.h"

namespace layerwise {
namespace {

/** As many as a `Vec` has lanes. */
typedef uint32_t WordVec __attribute__((vector_size(LAYERWISE_VECTOR_BYTES)));

/** A bijection of 32-bit integers without visible pattern: lowbias32, https://nullprogram.com/blog/2018/07/31/ */
template <typename Words>
inline Words mix(Words x) {
  x = (x ^ (x >> 16)) * 0x7feb352du;
  x = (x ^ (x >> 15)) * 0x846ca68bu;
  return x ^ (x >> 16);
}

inline WordVec countFrom(uint32_t first) {
  WordVec v;
  for (int i = 0; i < lanes; i++) v[i] = first + static_cast<uint32_t>(i);
  return v;
}

}  // namespace

/** x, y: float32[n]; low and high half of the seed, the draw from which on a number stays, its factor. */
KERNEL(dropout) {
  const float* x = args.floats();
  float* y = args.pointer<float>();
  const int64_t n = args.size();
  const uint32_t low = static_cast<uint32_t>(args.size());
  const uint32_t high = static_cast<uint32_t>(args.size());
  const double limit = args.exact();
  const float scale = args.number();
  const uint32_t keyA = mix(low ^ mix(high ^ 0x9e3779b9u));
  const uint32_t keyB = mix(keyA ^ 0x85ebca6bu);
  const bool none = limit > 0xffffffffp0;
  const uint32_t floor = none ? 0xffffffffu : static_cast<uint32_t>(limit);
  const float kept = none ? 0.0f : scale;
  parallel(n, 1 << 14, [=](int64_t begin, int64_t end) {
    const WordVec places = countFrom(keyA);
    eachLane(begin, end, [=](int64_t i, auto lane) {
      const WordVec draw = mix(mix(places + static_cast<uint32_t>(i)) ^ keyB);
      lane.put(y + i, lane.get(x + i) * select(draw >= floor, fill(kept), Vec{}));
    });
  });
  return ok;
}

}  // namespace layerwise
