// Filling memory.
#include <algorithm>

#include "kernel.h"
#include "threads.h"

namespace layerwise {

/** out: float32[n] or int32[n]; the four bytes of `value` over and over. */
KERNEL(fillFloat) {
  float* out = args.pointer<float>();
  const int64_t n = args.size();
  const float value = args.number();
  parallel(n, 1 << 16, [=](int64_t begin, int64_t end) { std::fill(out + begin, out + end, value); });
  return ok;
}

KERNEL(fillInt) {
  int32_t* out = args.pointer<int32_t>();
  const int64_t n = args.size();
  const int32_t value = static_cast<int32_t>(args.exact());
  parallel(n, 1 << 16, [=](int64_t begin, int64_t end) { std::fill(out + begin, out + end, value); });
  return ok;
}

KERNEL(fillBool) {
  uint8_t* out = args.pointer<uint8_t>();
  const int64_t n = args.size();
  const uint8_t value = args.flag();
  std::fill(out, out + n, value);
  return ok;
}

}  // namespace layerwise
