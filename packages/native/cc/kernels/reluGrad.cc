// Gradient of ReLU and ReLU6 by their result.
#include "kernel.h"
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
    float* __restrict to = dx;
    for (int64_t i = begin; i < end; i++) {
      const float slope = dy[i];  // read whether it counts or not, so that there is no branch
      to[i] = (y[i] > 0) & (y[i] < limit) ? slope : 0.0f;
    }
  });
  return ok;
}

}  // namespace layerwise
