// The inner loop of every product: one tile of the result, held in registers.
#pragma once
#include <cstdint>

#include "simd.h"

namespace layerwise {

// Per step of depth a tile loads `tileRows` numbers of a and `tileVectors` vectors of b for `tileRows * tileVectors`
// multiply-adds: the larger the tile, the less loading, until registers run out (of 32 with AVX-512 and NEON, 28 and 24
// hold sums; of 16 else, 12).
constexpr int tileVectors = 2;
#if defined(__AVX512F__)
constexpr int tileRows = 14;
#elif defined(__aarch64__)
constexpr int tileRows = 12;
#else
constexpr int tileRows = 6;
#endif
constexpr int tileColumns = tileVectors * lanes;

/**
 * `out[i][0...columns] (+)= sum over k of a[k * tileRows + i] * b[k * tileColumns ...]` for `rows` rows, each anywhere.
 * Every number is one chain of multiply-adds along `depth`, so it does not matter which tile it falls into.
 */
void multiplyTile(int rows, int columns, int64_t depth, const float* a, const float* b, float* const* out,
                  int64_t firstColumn, bool accumulate);

}  // namespace layerwise
