// Elementwise functions of one int32 or bool tensor, and changes of type: (x, out, n), then parameters.
#include "elementwise.h"
#include "vectorMath.h"

namespace layerwise {

#define PLAIN(NAME, IN, OUT, EXPRESSION) \
  KERNEL(NAME) { return mapElements<IN, OUT>(args, plainGrain, [](IN x) -> OUT { return EXPRESSION; }); }

/** `-x` that wraps around. */
static inline int32_t negated(int32_t x) { return static_cast<int32_t>(0u - static_cast<uint32_t>(x)); }

PLAIN(absInt, int32_t, int32_t, x < 0 ? negated(x) : x)
PLAIN(negInt, int32_t, int32_t, negated(x))
PLAIN(signInt, int32_t, int32_t, (x > 0) - (x < 0))
PLAIN(squareInt, int32_t, int32_t, static_cast<int32_t>(static_cast<int64_t>(static_cast<double>(x) * x)))
PLAIN(reluInt, int32_t, int32_t, x < 0 ? 0 : x)
PLAIN(relu6Int, int32_t, int32_t, x < 0 ? 0 : x > 6 ? 6 : x)
PLAIN(logicalNot, uint8_t, uint8_t, x == 0)

PLAIN(floatToBool, float, uint8_t, x != 0)
PLAIN(intToFloat, int32_t, float, static_cast<float>(x))
PLAIN(intToBool, int32_t, uint8_t, x != 0)
PLAIN(boolToFloat, uint8_t, float, static_cast<float>(x))
PLAIN(boolToInt, uint8_t, int32_t, x)

/** By registers where all numbers of one are in range. */
KERNEL(floatToInt) {
  const float* x = args.floats();
  int32_t* out = args.pointer<int32_t>();
  parallel(args.size(), plainGrain, [=](int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + lanes <= end; i += lanes) {
      const Vec v = load(x + i);
      if (any(~(absolute(v) < 2147483648.0f))) {
        for (int64_t k = i; k < i + lanes; k++) out[k] = toInt32(x[k]);
      } else {
        store(out + i, __builtin_convertvector(v, IntVec));
      }
    }
    for (; i < end; i++) out[i] = toInt32(x[i]);
  });
  return ok;
}

/** After `x, out, n`: low, high, which may have fractions; a number beyond one becomes it, toward 0. */
KERNEL(clipInt) {
  Args rest = args;
  rest.ints();
  rest.ints();
  rest.size();
  const double low = rest.exact();
  const double high = rest.exact();
  const int32_t lowInt = toInt32(low);
  const int32_t highInt = toInt32(high);
  return mapElements<int32_t, int32_t>(args, plainGrain,
                                       [=](int32_t x) { return x > high ? highInt : x < low ? lowInt : x; });
}

}  // namespace layerwise
