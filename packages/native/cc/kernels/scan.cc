// Running sums and products along an axis: (x, out, outer, size, inner, exclusive, reverse).
#include "elementwise.h"
#include "reduce.h"

namespace layerwise {
namespace {

template <typename T, typename Step>
Failure scan(Args args, T start, Step step) {
  const T* x = args.pointer<const T>();
  T* out = args.pointer<T>();
  const ReduceShape shape{args.size(), args.size(), args.size()};
  const bool exclusive = args.flag();
  const bool reverse = args.flag();
  const int64_t grain = plainGrain / (shape.size * shape.inner);
  parallel(shape.outer, grain, [=](int64_t begin, int64_t end) {
    const int64_t inner = shape.inner;
    for (int64_t i = begin; i < end; i++) {
      for (int64_t k = 0; k < shape.size; k++) {
        const int64_t here = (i * shape.size + (reverse ? shape.size - 1 - k : k)) * inner;
        const int64_t before = reverse ? here + inner : here - inner;
        if (k == 0) {
          for (int64_t j = 0; j < inner; j++) out[here + j] = exclusive ? start : x[here + j];
        } else {
          const T* next = x + (exclusive ? before : here);
          for (int64_t j = 0; j < inner; j++) out[here + j] = step(next[j], out[before + j]);
        }
      }
    }
  });
  return ok;
}

}  // namespace

KERNEL(cumsumFloat) {
  return scan<float>(args, 0, [](float a, float b) { return a + b; });
}
KERNEL(cumsumInt) {
  return scan<int32_t>(args, 0, [](int32_t a, int32_t b) {
    return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
  });
}
KERNEL(cumprodFloat) {
  return scan<float>(args, 1, [](float a, float b) { return a * b; });
}
KERNEL(cumprodInt) {
  return scan<int32_t>(args, 1, [](int32_t a, int32_t b) { return toInt32(static_cast<double>(a) * b); });
}

}  // namespace layerwise
