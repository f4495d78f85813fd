// Where the largest or smallest element is, the first of several: (x[outer, size, inner], out int32[outer, inner],
// outer, size, inner). As in tfjs a NaN is never larger or smaller, so that only one in the first place is found.
#include <algorithm>

#include "elementwise.h"
#include "reduce.h"

namespace layerwise {
namespace {

struct Larger {
  template <typename T>
  static auto than(T a, T b) {
    return a > b;
  }
};
struct Smaller {
  template <typename T>
  static auto than(T a, T b) {
    return a < b;
  }
};

template <typename T, typename Better>
int32_t placeInRow(const T* x, int64_t n) {
  using V = typename Register<T>::type;
  int32_t places[lanes] = {};
  T values[lanes];
  std::fill(values, values + lanes, x[0]);
  int64_t i = 0;
  if (n >= 2 * lanes) {
    V best = fill(x[0]);
    IntVec place = {};
    IntVec here;
    for (int k = 0; k < lanes; k++) here[k] = k;
    for (; i + lanes <= n; i += lanes) {
      const V next = load(x + i);
      const IntVec better = Better::than(next, best);
      best = better ? next : best;
      place = better ? here : place;
      here += lanes;
    }
    std::memcpy(values, &best, sizeof best);
    std::memcpy(places, &place, sizeof place);
  }
  T value = values[0];
  int32_t place = places[0];
  for (int k = 1; k < lanes; k++) {
    if (Better::than(values[k], value) || (values[k] == value && places[k] < place)) {
      value = values[k];
      place = places[k];
    }
  }
  for (; i < n; i++) {
    if (Better::than(x[i], value)) {
      value = x[i];
      place = static_cast<int32_t>(i);
    }
  }
  return place;
}

/** `count` columns at a time: their best values stay in the first-level cache. */
template <typename T, typename Better>
void placesInColumns(const T* x, int32_t* out, int64_t size, int64_t inner, int64_t count) {
  T best[256];
  for (int64_t c = 0; c < count; c++) {
    best[c] = x[c];
    out[c] = 0;
  }
  for (int64_t r = 1; r < size; r++) {
    const T* row = x + r * inner;
    for (int64_t c = 0; c < count; c++) {
      const bool better = Better::than(row[c], best[c]);
      best[c] = better ? row[c] : best[c];
      out[c] = better ? static_cast<int32_t>(r) : out[c];
    }
  }
}

template <typename T, typename Better>
Failure places(Args args) {
  const T* x = args.pointer<const T>();
  int32_t* out = args.pointer<int32_t>();
  const ReduceShape shape{args.size(), args.size(), args.size()};
  if (shape.inner == 1) {
    parallel(shape.outer, plainGrain / std::max<int64_t>(shape.size, 16), [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) out[i] = placeInRow<T, Better>(x + i * shape.size, shape.size);
    });
    return ok;
  }
  constexpr int64_t width = 256;
  const int64_t groups = (shape.inner + width - 1) / width;
  const int64_t grain = plainGrain / (shape.size * std::min(shape.inner, width));
  parallel(shape.outer * groups, grain, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t column = i % groups * width;
      placesInColumns<T, Better>(x + i / groups * shape.size * shape.inner + column,
                                 out + i / groups * shape.inner + column, shape.size, shape.inner,
                                 std::min(width, shape.inner - column));
    }
  });
  return ok;
}

}  // namespace

KERNEL(argMaxFloat) { return places<float, Larger>(args); }
KERNEL(argMaxInt) { return places<int32_t, Larger>(args); }
KERNEL(argMinFloat) { return places<float, Smaller>(args); }
KERNEL(argMinInt) { return places<int32_t, Smaller>(args); }

}  // namespace layerwise
