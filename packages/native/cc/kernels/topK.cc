// The largest elements of rows and where they are, largest first and the first of equal ones first:
// (x[rows, size], values[rows, k], places int32[rows, k], rows, size, k).
#include <algorithm>
#include <atomic>

#include "elementwise.h"
#include "scratch.h"

namespace layerwise {

/** NaN counts as larger than any number, so that there is an order. */
template <typename T>
static bool isLarger(T a, T b) {
  return a > b || (a != a && b == b);
}

template <typename T>
static Failure topK(Args args) {
  const T* x = args.pointer<const T>();
  T* values = args.pointer<T>();
  int32_t* places = args.pointer<int32_t>();
  const int64_t rows = args.size();
  const int64_t size = args.size();
  const int64_t k = args.size();
  std::atomic<bool> failed{false};
  parallel(rows, callGrain / size, [&](int64_t begin, int64_t end) {
    int32_t* order = static_cast<int32_t*>(scratch(size * sizeof(int32_t)));
    if (order == nullptr) {
      failed = true;
      return;
    }
    for (int64_t i = begin; i < end; i++) {
      const T* row = x + i * size;
      for (int64_t j = 0; j < size; j++) order[j] = static_cast<int32_t>(j);
      std::partial_sort(order, order + k, order + size, [row](int32_t a, int32_t b) {
        return isLarger(row[a], row[b]) || (a < b && !isLarger(row[b], row[a]));
      });
      for (int64_t j = 0; j < k; j++) {
        values[i * k + j] = row[order[j]];
        places[i * k + j] = order[j];
      }
    }
  });
  return failed ? outOfMemory : ok;
}

KERNEL(topKFloat) { return topK<float>(args); }
KERNEL(topKInt) { return topK<int32_t>(args); }

}  // namespace layerwise
