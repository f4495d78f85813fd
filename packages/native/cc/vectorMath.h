// Elementary functions on `Vec`, with signed zeros, infinities, NaN and denormal numbers as IEEE has them. Largest
// errors found over all of float32, in units in the last place: pow 0.5, log 0.8, exp, erf 1, expm1, log1p, tanh, cos,
// sin 1.5, softplus 1.6, sigmoid 2.1. Coefficients are minimax fits.
#pragma once
#include <cmath>
#include <initializer_list>

#include "simd.h"

namespace layerwise {

/** Polynomial in `x`, coefficients from the highest power down. */
template <typename V>
inline V polynomial(V, V sum) {
  return sum;
}
template <typename V, typename... Rest>
inline V polynomial(V x, V sum, float next, Rest... rest) {
  return polynomial(x, fma(sum, x, fill(next)), rest...);
}

inline Vec absolute(Vec x) { return fromBits(bits(x) & 0x7fffffff); }
inline IntVec signBit(Vec x) { return bits(x) & static_cast<int32_t>(0x80000000u); }
/** `magnitude`, which is not negative, with the sign of `x`. */
inline Vec withSign(Vec magnitude, Vec x) { return fromBits(bits(magnitude) | signBit(x)); }
/** The smaller or larger of two; NaN in `x` stays. */
inline Vec atMost(Vec x, float limit) { return select(x > fill(limit), fill(limit), x); }
inline Vec atLeast(Vec x, float limit) { return select(x < fill(limit), fill(limit), x); }
inline Vec powerOfTwo(IntVec n) { return fromBits((n + 127) << 23); }

inline bool any(IntVec mask) {
#if defined(__AVX512F__)
  return _mm512_test_epi32_mask(reinterpret_cast<__m512i>(mask), reinterpret_cast<__m512i>(mask)) != 0;
#else
  int64_t words[lanes / 2];
  std::memcpy(words, &mask, sizeof mask);
  int64_t all = 0;
  for (int64_t word : words) all |= word;
  return all != 0;
#endif
}

/** `x`, with `exact(lane)` where the mask says so: for the rare lanes that a vector formula does not cover. */
template <typename Exact>
inline Vec replaced(Vec x, IntVec where, Exact exact) {
  for (int i = 0; i < lanes; i++) {
    if (where[i] != 0) x[i] = static_cast<float>(exact(i));
  }
  return x;
}

/** For `x = n ln 2 + r` with `|r| <= ln 2 / 2`: the integer, and `e^r - 1`. */
struct ExpParts {
  IntVec n;
  Vec fraction;
};

inline ExpParts expParts(Vec x) {
  constexpr float toInteger = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer, held in the low bits
  const Vec shifted = fma(x, fill(1.44269504f), fill(toInteger));
  const Vec n = shifted - toInteger;
  // ln 2 in two parts, the first so short that its products with n are exact, with or without a fused multiply-add
  const Vec r = fma(n, fill(2.12194440e-4f), fma(n, fill(-0.693359375f), x));
  const Vec q = polynomial(r, fill(0.00138207432f), 0.0083686756f, 0.0416682661f, 0.166665211f, 0.49999994f);
  return {bits(shifted) - bits(fill(toInteger)), fma(q * r, r, r)};
}

inline Vec exp(Vec x) {
  const auto [n, fraction] = expParts(atLeast(atMost(x, 89.0f), -104.0f));
  const IntVec half = n >> 1;  // 2^n alone may be out of range where the result is not
  return (fraction + 1.0f) * powerOfTwo(half) * powerOfTwo(n - half);
}

/** `e^x - 1`, precise for small x. */
inline Vec expm1(Vec x) {
  const auto [n, fraction] = expParts(atLeast(atMost(x, 89.0f), -18.0f));
  const Vec half = powerOfTwo(n - 1);
  const Vec result = (half * fraction + (half - 0.5f)) * 2.0f;
  return select(absolute(x) < 1e-8f, x, result);  // halving would cost denormal numbers a bit
}

/** `log(2^e (1 + f))` for `1 + f` between sqrt(1/2) and sqrt(2). */
inline Vec logOf(Vec e, Vec f) {
  const Vec q = polynomial(f, fill(0.0675051734f), -0.116712987f, 0.118836626f, -0.124060638f, 0.142203227f,
                           -0.166679949f, 0.20002073f, -0.250000089f, 0.333333135f);
  const Vec square = f * f;
  const Vec tail = fma(square, fill(-0.5f), fma(q * f, square, e * -2.12194440e-4f));
  return fma(e, fill(0.693359375f), f + tail);
}

/** The exponent that brings positive `x` between sqrt(1/2) and sqrt(2). */
inline IntVec exponentOf(Vec x) {
  typedef uint32_t Words __attribute__((vector_size(LAYERWISE_VECTOR_BYTES)));  // wraps around for negative numbers
  return reinterpret_cast<IntVec>(reinterpret_cast<Words>(x) - 0x3f3504f3u) >> 23;
}

inline Vec log(Vec x) {
  const Vec size = absolute(x);  // the results of negative numbers are replaced below
  const IntVec denormal = size < 1.17549435e-38f;
  const Vec scaled = select(denormal, size * 8388608.0f, size);
  const IntVec e = exponentOf(scaled);
  const Vec f = fromBits(bits(scaled) - (e << 23)) - 1.0f;
  Vec result = logOf(__builtin_convertvector(e - (denormal & 23), Vec), f);
  result = select(x == 0.0f, fill(-INFINITY), result);
  result = select(x < 0.0f, fill(NAN), result);
  return select((x == INFINITY) | (x != x), x, result);
}

/** `log(1 + x)`, precise for small x. */
inline Vec log1p(Vec x) {
  const Vec u = x + 1.0f;
  const Vec size = absolute(u);
  const IntVec e = exponentOf(size);
  // what rounding 1 + x lost, brought to the scale of f
  const Vec lost = select(x > 1.0f, 1.0f - (u - x), x - (u - 1.0f));
  const Vec f = fma(lost, powerOfTwo(e > 126 ? IntVec{} - 126 : -e), fromBits(bits(size) - (e << 23)) - 1.0f);
  Vec result = logOf(__builtin_convertvector(e, Vec), f);
  result = select(u == 0.0f, fill(-INFINITY), result);
  result = select(u < 0.0f, fill(NAN), result);
  return select((x == INFINITY) | (x != x) | (x == 0.0f), x, result);
}

inline Vec tanh(Vec x) {
  const Vec size = absolute(x);
  const Vec square = x * x;
  const Vec q = polynomial(square, fill(-0.00569581287f), 0.0206308253f, -0.0537371412f, 0.133314103f, -0.333332807f);
  const Vec small = fma(q * square, size, size);
  const Vec large = 1.0f - 2.0f / (exp(size + size) + 1.0f);
  return withSign(select(size >= 0.625f, large, small), x);
}

/** `1 / (1 + e^-x)`, from `e^-|x|`, which cannot overflow. */
inline Vec sigmoid(Vec x) {
  const Vec small = exp(-absolute(x));
  return select(x < 0.0f, small, fill(1.0f)) / (1.0f + small);
}

/** `log(1 + e^x)` */
inline Vec softplus(Vec x) {
  const Vec positive = select(x < 0.0f, Vec{}, x);
  return positive + log1p(exp(-absolute(x)));
}

inline Vec erf(Vec x) {
  const Vec size = absolute(x);
  const Vec square = x * x;
  const Vec small = fma(polynomial(square, fill(7.99664922e-05f), -0.000804976968f, 0.00519240508f, -0.0268557314f,
                                   0.112836257f, -0.376126289f, 0.128379166f),
                        size, size);
  const Vec t = atMost(size, 4.0f);  // the rest rounds to 1
  const Vec q = polynomial(t, fill(4.93767584e-06f), -4.55748232e-05f, -4.96170178e-05f, 0.00293023256f, -0.022674242f,
                           0.105262779f, 0.635625243f, 0.128551751f);
  const Vec large = 1.0f - exp(-fma(q, t, t));
  return withSign(select(size >= 0.93f, large, small), x);
}

typedef double DoubleVec __attribute__((vector_size(LAYERWISE_VECTOR_BYTES)));
typedef int64_t LongVec __attribute__((vector_size(LAYERWISE_VECTOR_BYTES)));
/** For bits that may be anything: sums of these wrap around. */
typedef uint64_t WordVec __attribute__((vector_size(LAYERWISE_VECTOR_BYTES)));
typedef float HalfVec __attribute__((vector_size(LAYERWISE_VECTOR_BYTES / 2)));
typedef int32_t HalfIntVec __attribute__((vector_size(LAYERWISE_VECTOR_BYTES / 2)));

/** The lower or upper half of the lanes, widened. */
inline DoubleVec widened(Vec x, int half) {
  HalfVec part;
  std::memcpy(&part, reinterpret_cast<const char*>(&x) + half * sizeof part, sizeof part);
  return __builtin_convertvector(part, DoubleVec);
}

inline DoubleVec fma(DoubleVec a, DoubleVec b, DoubleVec c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_pd(a, b, c);
#elif defined(__AVX2__)
  return _mm256_fmadd_pd(a, b, c);
#else
  return a * b + c;
#endif
}

/** Adding it to a double rounds that to an integer, held in the low bits. */
constexpr double roundingShift = 6755399441055744.0;  // 1.5 * 2^52

/** sin(x + quarters π/2): reduced in double precision, which is exact enough to 10^5; beyond, lane by lane. */
inline Vec sinShifted(Vec x, int quarters) {
  constexpr double halfPi = 1.5707963267948966;
  HalfVec r[2];
  HalfIntVec n[2];
  for (int half = 0; half < 2; half++) {
    const DoubleVec wide = widened(x, half);
    const DoubleVec shifted = wide * (1 / halfPi) + roundingShift;
    const DoubleVec whole = shifted - roundingShift;
    const DoubleVec rest = wide - whole * halfPi - whole * 6.123233995736766e-17;
    r[half] = __builtin_convertvector(rest, HalfVec);
    n[half] = __builtin_convertvector(reinterpret_cast<LongVec>(shifted), HalfIntVec);
  }
  Vec reduced;
  IntVec quadrant;
  std::memcpy(&reduced, r, sizeof reduced);
  std::memcpy(&quadrant, n, sizeof quadrant);
  quadrant += quarters;
  const Vec square = reduced * reduced;
  const Vec sine = fma(
      polynomial(square, fill(2.83304257e-06f), -0.000198530906f, 0.0083333794f, -0.166666672f) * square, reduced,
      reduced);
  const Vec cosine =
      fma(polynomial(square, fill(-2.88808963e-07f), 2.48220204e-05f, -0.001388898f, 0.0416666679f) * square, square,
          fma(square, fill(-0.5f), fill(1.0f)));
  const Vec result = fromBits(bits(select((quadrant & 1) != 0, cosine, sine)) ^ ((quadrant & 2) << 30));
  const IntVec far = ~(absolute(x) < 1e5f);
  if (!any(far)) return result;
  return replaced(result, far, [&](int i) { return quarters == 0 ? std::sin(double{x[i]}) : std::cos(double{x[i]}); });
}

inline Vec sin(Vec x) { return select(x == 0.0f, x, sinShifted(x, 0)); }
inline Vec cos(Vec x) { return sinShifted(x, 1); }

/** `x^y` for positive `x`, rounded once: logarithm and power in double precision, to about 2^-34. */
inline HalfVec powHalf(DoubleVec x, DoubleVec y) {
  constexpr uint64_t one = uint64_t{1023} << 52;
  constexpr uint64_t exponentBits = uint64_t{0xfff} << 52;
  const WordVec raw = reinterpret_cast<WordVec>(x);
  const WordVec offset = raw - uint64_t{0x3fe6a09e667f3bcd} + one;  // exponents counted from sqrt(1/2)
  const WordVec biased = (offset >> 52) | uint64_t{0x4330000000000000};
  const DoubleVec e = reinterpret_cast<DoubleVec>(biased) - (4503599627370496.0 + 1023);
  const DoubleVec m = reinterpret_cast<DoubleVec>(raw - (offset & exponentBits) + one);
  const DoubleVec s = (m - 1.0) / (m + 1.0);
  const DoubleVec square = s * s;
  DoubleVec series = square * (1.0 / 13) + 1.0 / 11;
  for (double next : {1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1.0}) series = series * square + next;
  const DoubleVec z = y * (e + series * s * 2.8853900817779268);  // 2 / ln 2
  const DoubleVec low = z < -160.0 ? DoubleVec{} - 160.0 : z;
  const DoubleVec power = low > 136.0 ? DoubleVec{} + 136.0 : low;
  const DoubleVec shifted = power + roundingShift;
  const DoubleVec r = (power - (shifted - roundingShift)) * 0.6931471805599453;
  DoubleVec result = r * (1.0 / 362880) + 1.0 / 40320;
  for (double next : {1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0}) result = result * r + next;
  const LongVec scale = (reinterpret_cast<LongVec>(shifted) + 1023) << 52;
  return __builtin_convertvector(result * reinterpret_cast<DoubleVec>(scale), HalfVec);
}

/** `Math.pow` of JS, which differs from C's where |x| is 1 and y infinite, or x is 1 and y NaN: that is NaN. */
inline double powJs(double x, double y) {
  if (y != y || (std::isinf(y) && std::fabs(x) == 1)) return NAN;
  return std::pow(x, y);
}

inline Vec pow(Vec x, Vec y) {
  const Vec size = absolute(x);
  const Vec sizeY = absolute(y);
  const HalfVec halves[2] = {powHalf(widened(size, 0), widened(y, 0)), powHalf(widened(size, 1), widened(y, 1))};
  Vec result;
  std::memcpy(&result, halves, sizeof result);
  const IntVec negative = x < 0.0f;
  if (any(negative)) {
    const IntVec even = sizeY >= 16777216.0f;  // floats that large are even integers
    const IntVec whole = __builtin_convertvector(select(even, Vec{}, y), IntVec);
    const IntVec isInteger = even | (__builtin_convertvector(whole, Vec) == y);
    result = fromBits(bits(result) ^ (((whole & 1) << 31) & negative));
    result = select(negative & ~isInteger, fill(NAN), result);
  }
  const IntVec special = ~((size > 0.0f) & (size < INFINITY) & (sizeY < INFINITY));
  return any(special) ? replaced(result, special, [&](int i) { return powJs(x[i], y[i]); }) : result;
}

}  // namespace layerwise
