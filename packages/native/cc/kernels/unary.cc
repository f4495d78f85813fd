// Elementwise functions of one float32 tensor: (x, out, n), then parameters. NaN, -0 and ties as tfjs has them.
#include <cmath>

#include "elementwise.h"
#include "vectorMath.h"

namespace layerwise {

/** A function of a register. */
#define VECTOR(NAME, EXPRESSION) \
  KERNEL(NAME) { return mapFloats(args, [](Vec x) { return EXPRESSION; }); }
/** Arithmetic that the compiler vectorizes. */
#define PLAIN(NAME, OUT, EXPRESSION) \
  KERNEL(NAME) { return mapElements<float, OUT>(args, plainGrain, [](float x) -> OUT { return EXPRESSION; }); }
/** A rare function, by the C library in double precision, as in JS. */
#define CALLED(NAME, FUNCTION)                                    \
  KERNEL(NAME) {                                                  \
    return mapElements<float, float>(args, callGrain, [](float x) { \
      return static_cast<float>(FUNCTION(static_cast<double>(x)));  \
    });                                                           \
  }

VECTOR(exp, exp(x))
VECTOR(expm1, expm1(x))
VECTOR(log, log(x))
VECTOR(log1p, log1p(x))
VECTOR(tanh, tanh(x))
VECTOR(sigmoid, sigmoid(x))
VECTOR(softplus, softplus(x))
VECTOR(erf, erf(x))
VECTOR(sin, sin(x))
VECTOR(cos, cos(x))
VECTOR(elu, select(x < 0.0f, expm1(x), x))
VECTOR(selu, select(x < 0.0f, expm1(x) * 1.7580993408473768f, x * 1.0507009873554805f))

PLAIN(absFloat, float, std::fabs(x))
PLAIN(negFloat, float, -x)
PLAIN(signFloat, float, static_cast<float>((x > 0) - (x < 0)))
PLAIN(squareFloat, float, x* x)
PLAIN(sqrt, float, std::sqrt(x))
PLAIN(rsqrt, float, 1.0f / std::sqrt(x))
PLAIN(reciprocal, float, 1.0f / x)
PLAIN(floor, float, std::floor(x))
PLAIN(ceil, float, std::ceil(x))
PLAIN(round, float, std::nearbyint(x))
PLAIN(reluFloat, float, x <= 0 ? 0.0f : x)
PLAIN(relu6Float, float, x <= 0 ? 0.0f : x > 6 ? 6.0f : x)
PLAIN(isNanFloat, uint8_t, x != x)
PLAIN(isInfFloat, uint8_t, std::fabs(x) == INFINITY)
PLAIN(isFiniteFloat, uint8_t, std::fabs(x) < INFINITY)

CALLED(tan, std::tan)
CALLED(asin, std::asin)
CALLED(acos, std::acos)
CALLED(atan, std::atan)
CALLED(sinh, std::sinh)
CALLED(cosh, std::cosh)
CALLED(asinh, std::asinh)
CALLED(acosh, std::acosh)
CALLED(atanh, std::atanh)

/** Where a kernel's parameters after `x, out, n` begin. */
static Args parameters(Args args) {
  args.floats();
  args.floats();
  args.size();
  return args;
}

KERNEL(leakyRelu) {
  const float alpha = parameters(args).number();
  return mapElements<float, float>(args, plainGrain, [=](float x) { return x < 0 ? alpha * x : x; });
}

KERNEL(stepFloat) {
  const float alpha = parameters(args).number();
  return mapElements<float, float>(args, plainGrain, [=](float x) { return x != x ? x : x > 0 ? 1.0f : alpha; });
}

KERNEL(clipFloat) {
  Args rest = parameters(args);
  const float low = rest.number();
  const float high = rest.number();
  return mapElements<float, float>(args, plainGrain, [=](float x) { return x > high ? high : x < low ? low : x; });
}

}  // namespace layerwise
