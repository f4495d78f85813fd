// Vectors of as many floats as one register holds, on any processor: GCC's and Clang's vector extensions, which give
// + - * / and comparisons, and a few functions for what those lack. One source, compiled once per instruction set.
#pragma once
#include <cstdint>
#include <cstring>

#if defined(__AVX512F__)
#include <immintrin.h>
#define LAYERWISE_VECTOR_BYTES 64
#elif defined(__AVX2__)
#include <immintrin.h>
#define LAYERWISE_VECTOR_BYTES 32
#else
#define LAYERWISE_VECTOR_BYTES 16
#if defined(__aarch64__)
#include <arm_neon.h>
#endif
#endif

namespace layerwise {

typedef float Vec __attribute__((vector_size(LAYERWISE_VECTOR_BYTES)));
/** Also what a comparison of two `Vec` gives: all ones where it holds. */
typedef int32_t IntVec __attribute__((vector_size(LAYERWISE_VECTOR_BYTES)));
constexpr int lanes = LAYERWISE_VECTOR_BYTES / 4;

inline Vec load(const float* from) {
  Vec v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
inline IntVec load(const int32_t* from) {
  IntVec v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
inline void store(float* to, Vec v) { std::memcpy(to, &v, sizeof v); }
inline void store(int32_t* to, IntVec v) { std::memcpy(to, &v, sizeof v); }

/** The first `count` lanes, fewer than all; the others are 0. No memory beyond them is touched. */
inline Vec loadPart(const float* from, int count) {
#if defined(__AVX512F__)
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), from);
#elif defined(__AVX2__)
  return _mm256_maskload_ps(from, _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)));
#else
  Vec v = {};
  for (int i = 0; i < count; i++) v[i] = from[i];
  return v;
#endif
}
inline void storePart(float* to, Vec v, int count) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1), v);
#elif defined(__AVX2__)
  _mm256_maskstore_ps(to, _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)), v);
#else
  for (int i = 0; i < count; i++) to[i] = v[i];
#endif
}

/** As many lanes as `count` numbers fill, at most all. */
inline Vec loadUpTo(const float* from, int64_t count) {
  return count >= lanes ? load(from) : loadPart(from, static_cast<int>(count));
}
inline void storeUpTo(float* to, Vec v, int64_t count) {
  if (count >= lanes) store(to, v);
  else storePart(to, v, static_cast<int>(count));
}

inline Vec fill(float x) { return x - Vec{}; }  // subtracting keeps the sign of -0
inline IntVec fill(int32_t x) { return x - IntVec{}; }

/** `a * b + c`, rounded once where the processor can. */
inline Vec fma(Vec a, Vec b, Vec c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__)
  return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
  return vfmaq_f32(c, a, b);
#else
  return a * b + c;
#endif
}

inline Vec select(IntVec mask, Vec yes, Vec no) { return mask ? yes : no; }
inline IntVec bits(Vec v) { return reinterpret_cast<IntVec>(v); }
inline Vec fromBits(IntVec v) { return reinterpret_cast<Vec>(v); }

/** The sum of all lanes, always added in the same order. */
inline float sum(Vec v) {
  float x[lanes];
  std::memcpy(x, &v, sizeof v);
  for (int width = lanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) x[i] += x[i + width];
  }
  return x[0];
}

}  // namespace layerwise
