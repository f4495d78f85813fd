// Choosing elements of one tensor or another, and adding up several tensors.
#include "elementwise.h"

namespace layerwise {

/** (condition bool[rows], yes, no, out: each [rows, inner]): copies the bits of `T`. */
template <typename T>
static Failure selectRows(Args args) {
  const uint8_t* condition = args.bools();
  const T* yes = args.pointer<const T>();
  const T* no = args.pointer<const T>();
  T* out = args.pointer<T>();
  const int64_t rows = args.size();
  const int64_t inner = args.size();
  parallel(rows, plainGrain / inner + 1, [=](int64_t begin, int64_t end) {
    if (inner == 1) {
      for (int64_t i = begin; i < end; i++) out[i] = condition[i] ? yes[i] : no[i];
      return;
    }
    for (int64_t i = begin; i < end; i++) {
      const T* from = (condition[i] ? yes : no) + i * inner;
      for (int64_t j = 0; j < inner; j++) out[i * inner + j] = from[j];
    }
  });
  return ok;
}

KERNEL(selectWords) { return selectRows<uint32_t>(args); }
KERNEL(selectBytes) { return selectRows<uint8_t>(args); }

/** (out, n, count, x...): the sum of `count` tensors, added from left to right. */
template <typename T, typename Sum>
static Failure addAll(Args args) {
  T* sums = args.pointer<T>();
  const int64_t n = args.size();
  const int64_t count = args.size();
  // the sums of a part stay in the first-level cache while tensor after tensor is added
  parallel(n, plainGrain / 4, [=](int64_t begin, int64_t end) {
    constexpr int64_t block = 4096;
    for (int64_t start = begin; start < end; start += block) {
      const int64_t size = end - start < block ? end - start : block;
      Sum* __restrict out = reinterpret_cast<Sum*>(sums + start);
      Args tensors = args;
      for (int64_t k = 0; k < count; k++) {
        const Sum* __restrict x = reinterpret_cast<const Sum*>(tensors.pointer<const T>() + start);
        if (k == 0) {
          for (int64_t i = 0; i < size; i++) out[i] = x[i];
        } else {
          for (int64_t i = 0; i < size; i++) out[i] = out[i] + x[i];
        }
      }
    }
  });
  return ok;
}

KERNEL(addAllFloat) { return addAll<float, float>(args); }
KERNEL(addAllInt) { return addAll<int32_t, uint32_t>(args); }

}  // namespace layerwise
