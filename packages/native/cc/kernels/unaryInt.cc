// Elementwise functions of one int32 or bool tensor, and changes of type: (x, out, n), then parameters.
#include "elementwise.h"

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

PLAIN(floatToInt, float, int32_t, toInt32(x))
PLAIN(floatToBool, float, uint8_t, x != 0)
PLAIN(intToFloat, int32_t, float, static_cast<float>(x))
PLAIN(intToBool, int32_t, uint8_t, x != 0)
PLAIN(boolToFloat, uint8_t, float, static_cast<float>(x))
PLAIN(boolToInt, uint8_t, int32_t, x)

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
