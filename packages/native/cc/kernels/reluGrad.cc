// Gradient of ReLU and ReLU6 by their result.
#include "kernel.h"
#include "lanes.h"
#include "threads.h"

namespace layerwise {

/** dy, y, dx: float32[n]; `dy` where 0 < y < limit, else 0. */
KERNEL(reluGrad) {
  const float* dy = args.floats();
  const float* y = args.floats();
  float* dx = args.pointer<float>();
  const int64_t n = args.size();
  const float limit = args.number();
  parallel(n, 1 << 16, [=](int64_t begin, int64_t end) {
    const Vec top = fill(limit);
    eachLane(begin, end, [=](int64_t i, auto lane) {
      const Vec value = lane.get(y + i);
      lane.put(dx + i, select((value > Vec{}) & (value < top), lane.get(dy + i), Vec{}));
    });
  });
  return ok;
}

}  // namespace layerwise
