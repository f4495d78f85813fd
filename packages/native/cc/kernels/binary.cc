// Arithmetic of two tensors of one type, see broadcast.h. int32 as in JS: computed in double precision, then taken
// modulo 2^32.
#include <cmath>

#include "broadcast.h"
#include "elementwise.h"
#include "vectorMath.h"

namespace layerwise {
namespace {

template <typename In, typename Out, typename F>
void rows(const void* first, const void* second, void* result, int64_t n, Row row) {
  const In* __restrict a = static_cast<const In*>(first);
  const In* __restrict b = static_cast<const In*>(second);
  Out* __restrict out = static_cast<Out*>(result);
  if (row == Row::both) {
    for (int64_t i = 0; i < n; i++) out[i] = F::of(a[i], b[i]);
  } else if (row == Row::scalarB) {
    const In y = *b;
    for (int64_t i = 0; i < n; i++) out[i] = F::of(a[i], y);
  } else {
    const In x = *a;
    for (int64_t i = 0; i < n; i++) out[i] = F::of(x, b[i]);
  }
}

}  // namespace

#define BINARY(NAME, IN, OUT, GRAIN, EXPRESSION)                                                   \
  namespace {                                                                                      \
  struct NAME##Op {                                                                                \
    static inline OUT of(IN x, IN y) { return static_cast<OUT>(EXPRESSION); }                      \
  };                                                                                               \
  }                                                                                                \
  KERNEL(NAME) { return runBinary(args, {rows<IN, OUT, NAME##Op>, sizeof(IN), sizeof(OUT), GRAIN}); }

#define COMPARISON(NAME, OPERATOR)                                            \
  BINARY(NAME##Float, float, uint8_t, plainGrain, x OPERATOR y)               \
  BINARY(NAME##Int, int32_t, uint8_t, plainGrain, x OPERATOR y)               \
  BINARY(NAME##Bool, uint8_t, uint8_t, plainGrain, x OPERATOR y)

static inline uint32_t wrapping(int32_t x) { return static_cast<uint32_t>(x); }

/** Python's remainder, whose sign is y's; `Remainder` is the truncated one. */
template <typename T, typename Remainder>
static inline T floorMod(T x, T y, Remainder remainder) {
  const T rest = remainder(x, y);
  return (x < 0 && y < 0) || (x >= 0 && y >= 0) ? rest : remainder(rest + y, y);
}
static inline double floatMod(float x, float y) {
  return floorMod<double>(x, y, [](double a, double b) { return std::fmod(a, b); });
}
static inline int64_t intMod(int32_t x, int32_t y) {
  return y == 0 ? 0 : floorMod<int64_t>(x, y, [](int64_t a, int64_t b) { return a % b; });
}

/** As JS: NaN if one is, and 0 is larger than -0. */
static inline float larger(float x, float y) {
  const float r = x > y ? x : y;
  return x != x ? x : x == y && !std::signbit(x) ? x : r;
}
static inline float smaller(float x, float y) {
  const float r = x < y ? x : y;
  return x != x ? x : x == y && std::signbit(x) ? x : r;
}

BINARY(addFloat, float, float, plainGrain, x + y)
BINARY(subFloat, float, float, plainGrain, x - y)
BINARY(multiplyFloat, float, float, plainGrain, x* y)
BINARY(realDivFloat, float, float, plainGrain, x / y)
BINARY(maximumFloat, float, float, plainGrain, larger(x, y))
BINARY(minimumFloat, float, float, plainGrain, smaller(x, y))
BINARY(squaredDifferenceFloat, float, float, plainGrain, (x - y) * (x - y))
BINARY(floorDivFloat, float, int32_t, plainGrain, toInt32(std::floor(static_cast<double>(x) / y)))
BINARY(modFloat, float, float, callGrain, floatMod(x, y))
BINARY(atan2Float, float, float, callGrain, std::atan2(static_cast<double>(x), static_cast<double>(y)))
BINARY(preluFloat, float, float, plainGrain, x < 0 ? x * y : x)
BINARY(eluGradFloat, float, float, plainGrain, y >= 0 ? x : x * (y + 1))

BINARY(addInt, int32_t, int32_t, plainGrain, wrapping(x) + wrapping(y))
BINARY(subInt, int32_t, int32_t, plainGrain, wrapping(x) - wrapping(y))
BINARY(multiplyInt, int32_t, int32_t, plainGrain, static_cast<int64_t>(static_cast<double>(x) * y))
BINARY(realDivInt, int32_t, int32_t, plainGrain, y == 0 ? 0 : static_cast<int64_t>(static_cast<double>(x) / y))
BINARY(maximumInt, int32_t, int32_t, plainGrain, x > y ? x : y)
BINARY(minimumInt, int32_t, int32_t, plainGrain, x < y ? x : y)
BINARY(squaredDifferenceInt, int32_t, int32_t, plainGrain,
       static_cast<uint64_t>((static_cast<double>(x) - y) * (static_cast<double>(x) - y)))
BINARY(floorDivInt, int32_t, int32_t, plainGrain,
       y == 0 ? 0 : static_cast<int64_t>(std::floor(static_cast<double>(x) / y)))
BINARY(modInt, int32_t, int32_t, callGrain, intMod(x, y))
BINARY(powInt, int32_t, int32_t, callGrain, toInt32(powJs(x, y)))
BINARY(bitwiseAndInt, int32_t, int32_t, plainGrain, x& y)

COMPARISON(equal, ==)
COMPARISON(notEqual, !=)
COMPARISON(less, <)
COMPARISON(lessEqual, <=)
COMPARISON(greater, >)
COMPARISON(greaterEqual, >=)

BINARY(logicalAndBool, uint8_t, uint8_t, plainGrain, (x != 0) & (y != 0))
BINARY(logicalOrBool, uint8_t, uint8_t, plainGrain, (x != 0) | (y != 0))

/** Powers; the usual exponents are exact without the general way. */
static void powRows(const void* first, const void* second, void* result, int64_t n, Row row) {
  const float* __restrict a = static_cast<const float*>(first);
  const float* __restrict b = static_cast<const float*>(second);
  float* __restrict out = static_cast<float*>(result);
  if (row == Row::both) return mapVectors(a, b, out, n, [](Vec x, Vec y) { return pow(x, y); });
  if (row == Row::scalarA) return mapVectors(b, out, n, [x = fill(*a)](Vec y) { return pow(x, y); });
  const float y = *b;
  if (y == 2) {
    for (int64_t i = 0; i < n; i++) out[i] = a[i] * a[i];
  } else if (y == 1) {
    for (int64_t i = 0; i < n; i++) out[i] = a[i];
  } else if (y == 0.5f) {
    // + 0: the power of -0 is 0, and that of -Infinity is Infinity
    for (int64_t i = 0; i < n; i++) out[i] = a[i] == -INFINITY ? INFINITY : std::sqrt(a[i] + 0.0f);
  } else {
    mapVectors(a, out, n, [y = fill(y)](Vec x) { return pow(x, y); });
  }
}

KERNEL(powFloat) { return runBinary(args, {powRows, 4, 4, mathGrain / 2}); }

}  // namespace layerwise
