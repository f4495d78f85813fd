#include "panels.h"

#include <algorithm>

#include "simd.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // in GCC's own headers
#endif

namespace layerwise {
namespace {

#if defined(__AVX2__)

/** Four 128-bit quarters (two with AVX2): numbers k...k+3 of the rows j, 4 + j, 8 + j and 12 + j. */
inline Vec gatherQuads(const float* const* rows, int64_t k, int j) {
#if defined(__AVX512F__)
  __m512 v = _mm512_castps128_ps512(_mm_loadu_ps(rows[j] + k));
  v = _mm512_insertf32x4(v, _mm_loadu_ps(rows[4 + j] + k), 1);
  v = _mm512_insertf32x4(v, _mm_loadu_ps(rows[8 + j] + k), 2);
  return _mm512_insertf32x4(v, _mm_loadu_ps(rows[12 + j] + k), 3);
#else
  const __m256 v = _mm256_castps128_ps256(_mm_loadu_ps(rows[j] + k));
  return _mm256_insertf128_ps(v, _mm_loadu_ps(rows[4 + j] + k), 1);
#endif
}

#if defined(__AVX512F__)
inline Vec low(Vec a, Vec b) { return _mm512_unpacklo_ps(a, b); }
inline Vec high(Vec a, Vec b) { return _mm512_unpackhi_ps(a, b); }
inline Vec lowPairs(Vec a, Vec b) { return Vec(_mm512_unpacklo_pd(__m512d(a), __m512d(b))); }
inline Vec highPairs(Vec a, Vec b) { return Vec(_mm512_unpackhi_pd(__m512d(a), __m512d(b))); }
#else
inline Vec low(Vec a, Vec b) { return _mm256_unpacklo_ps(a, b); }
inline Vec high(Vec a, Vec b) { return _mm256_unpackhi_ps(a, b); }
inline Vec lowPairs(Vec a, Vec b) { return Vec(_mm256_unpacklo_pd(__m256d(a), __m256d(b))); }
inline Vec highPairs(Vec a, Vec b) { return Vec(_mm256_unpackhi_pd(__m256d(a), __m256d(b))); }
#endif

/** Steps k...k+3 of `lanes` rows: four vectors with a number of each row. Loading by quarters halves the shuffles. */
inline void transposeQuads(float* to, int64_t width, Vec r0, Vec r1, Vec r2, Vec r3) {
  const Vec low01 = low(r0, r1), low23 = low(r2, r3), high01 = high(r0, r1), high23 = high(r2, r3);
  store(to, lowPairs(low01, low23));
  store(to + width, highPairs(low01, low23));
  store(to + 2 * width, lowPairs(high01, high23));
  store(to + 3 * width, highPairs(high01, high23));
}

inline void transposeQuads(float* to, int64_t width, const float* const* rows, int64_t k) {
  transposeQuads(to, width, gatherQuads(rows, k, 0), gatherQuads(rows, k, 1), gatherQuads(rows, k, 2),
                 gatherQuads(rows, k, 3));
}

/** 16 steps, all of a cache line of each row at once: rows a power of two apart push each other out of the cache. */
inline void transposeLines(float* to, int64_t width, const float* const* rows, int64_t k) {
  Vec quads[4][4];
#pragma GCC unroll 4
  for (int j = 0; j < 4; j++) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) quads[i][j] = gatherQuads(rows, k + 4 * i, j);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    transposeQuads(to + 4 * i * width, width, quads[i][0], quads[i][1], quads[i][2], quads[i][3]);
  }
}

#else

inline void transposeQuads(float* to, int64_t width, const float* const* rows, int64_t k) {
  for (int j = 0; j < 4; j++) {
    for (int i = 0; i < lanes; i++) to[j * width + i] = rows[i][k + j];
  }
}

inline void transposeLines(float* to, int64_t width, const float* const* rows, int64_t k) {
  for (int i = 0; i < 16; i += 4) transposeQuads(to + i * width, width, rows, k + i);
}

#endif

/** `lanes` rows, or the `count` that there are. What a vector writes beyond `width` the next step's mends. */
void packSomeRows(float* to, int width, int count, int64_t depth, const float* const* rows) {
  if (count <= 0) {
    for (int64_t k = 0; k < depth; k++) store(to + k * width, Vec{});
    return;
  }
  const float* all[lanes];
  for (int i = 0; i < lanes; i++) all[i] = rows[std::min(i, count - 1)];
  int64_t k = 0;
  for (; k + 16 <= depth; k += 16) transposeLines(to + k * width, width, all, k);
  for (; k + 4 <= depth; k += 4) transposeQuads(to + k * width, width, all, k);
  for (; k < depth; k++) {
    for (int i = 0; i < lanes; i++) to[k * width + i] = all[i][k];
  }
}

}  // namespace

void packRows(float* to, int width, int count, int64_t depth, const float* const* rows) {
  // the last rows first: their vectors may reach into the next step's first rows, which the latter then mend
  for (int i = (width - 1) / lanes * lanes; i >= 0; i -= lanes) packSomeRows(to + i, width, count - i, depth, rows + i);
}

void packPanel(float* to, int width, int count, int64_t depth, const float* from, int64_t across, int64_t along) {
  if (across == 1) {
    const int whole = count / lanes * lanes;
    for (int64_t k = 0; k < depth; k++, from += along, to += width) {
      for (int i = 0; i < whole; i += lanes) store(to + i, load(from + i));
      if (count > whole) store(to + whole, loadPart(from + whole, count - whole));
      for (int i = whole + lanes; i < width; i += lanes) store(to + i, Vec{});
    }
  } else if (along == 1) {
    for (int i = (width - 1) / lanes * lanes; i >= 0; i -= lanes) {
      const float* rows[lanes];
      for (int j = 0; j < lanes; j++) rows[j] = from + (i + j) * across;
      packSomeRows(to + i, width, count - i, depth, rows);
    }
  } else {
    for (int64_t k = 0; k < depth; k++, from += along, to += width) {
      for (int i = 0; i < count; i++) to[i] = from[i * across];
      for (int i = count; i < width; i++) to[i] = 0;
    }
  }
}

}  // namespace layerwise
