// Loops of elementwise kernels: over whole registers, or plain ones that the compiler vectorizes.
#pragma once
#include <cmath>

#include "kernel.h"
#include "simd.h"
#include "threads.h"

namespace layerwise {

/** Elements per part for what takes less than a nanosecond each, for polynomials, and for calls of the C library. */
constexpr int64_t plainGrain = 1 << 16;
constexpr int64_t mathGrain = 1 << 15;
constexpr int64_t callGrain = 1 << 12;

/** JS' conversion of a number to int32: modulo 2^32, and 0 for what is not finite. */
inline int32_t toInt32(double x) {
  if (x > -9.2e18 && x < 9.2e18) return static_cast<int32_t>(static_cast<int64_t>(x));
  if (!std::isfinite(x)) return 0;
  const double rest = std::fmod(x, 4294967296.0);
  return static_cast<int32_t>(static_cast<int64_t>(rest));
}

/** `out[i] = f(x[i])` by registers. */
template <typename F>
inline void mapVectors(const float* x, float* out, int64_t n, F f) {
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) store(out + i, f(load(x + i)));
  if (i < n) storePart(out + i, f(loadPart(x + i, static_cast<int>(n - i))), static_cast<int>(n - i));
}

template <typename F>
inline void mapVectors(const float* a, const float* b, float* out, int64_t n, F f) {
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) store(out + i, f(load(a + i), load(b + i)));
  const int rest = static_cast<int>(n - i);
  if (rest > 0) storePart(out + i, f(loadPart(a + i, rest), loadPart(b + i, rest)), rest);
}

/** The rest of a kernel's arguments `x, out, n`: `out[i] = f(x[i])`. */
template <typename In, typename Out, typename F>
inline Failure mapElements(Args& args, int64_t grain, F f) {
  const In* from = args.pointer<const In>();
  Out* to = args.pointer<Out>();
  parallel(args.size(), grain, [=](int64_t begin, int64_t end) {
    const In* __restrict x = from;
    Out* __restrict out = to;
    for (int64_t i = begin; i < end; i++) out[i] = f(x[i]);
  });
  return ok;
}

template <typename F>
inline Failure mapFloats(Args& args, F f) {
  const float* x = args.floats();
  float* out = args.pointer<float>();
  parallel(args.size(), mathGrain,
           [=](int64_t begin, int64_t end) { mapVectors(x + begin, out + begin, end - begin, f); });
  return ok;
}

}  // namespace layerwise
