#include "gemmTile.h"

namespace layerwise {
namespace {

template <int rows, int vectors>
void tile(int columns, int64_t depth, const float* a, const float* b, float* const* out, int64_t firstColumn,
          bool accumulate) {
  Vec sums[rows][vectors] = {};
  for (int64_t k = 0; k < depth; k++) {
    Vec right[vectors];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) right[v] = load(b + v * lanes);
#pragma GCC unroll 16
    for (int i = 0; i < rows; i++) {
      const Vec left = fill(a[i]);
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++) sums[i][v] = fma(left, right[v], sums[i][v]);
    }
    a += tileRows;
    b += tileColumns;
  }
  const int rest = columns - (vectors - 1) * lanes;
#pragma GCC unroll 16
  for (int i = 0; i < rows; i++) {
    float* to = out[i] + firstColumn;
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++, to += lanes) {
      Vec sum = sums[i][v];
      if (v + 1 < vectors || rest == lanes) {
        if (accumulate) sum += load(to);
        store(to, sum);
      } else {
        if (accumulate) sum += loadPart(to, rest);
        storePart(to, sum, rest);
      }
    }
  }
}

using Tile = void (*)(int, int64_t, const float*, const float*, float* const*, int64_t, bool);

/** A tile per number of rows: the last rows of a product do not compute what nobody asked for. */
template <int vectors>
constexpr Tile tiles[] = {
    tile<1, vectors>,  tile<2, vectors>,  tile<3, vectors>, tile<4, vectors>, tile<5, vectors>, tile<6, vectors>,
#if defined(__AVX512F__) || defined(__aarch64__)
    tile<7, vectors>,  tile<8, vectors>,  tile<9, vectors>, tile<10, vectors>, tile<11, vectors>, tile<12, vectors>,
#endif
#if defined(__AVX512F__)
    tile<13, vectors>, tile<14, vectors>,
#endif
};

}  // namespace

void multiplyTile(int rows, int columns, int64_t depth, const float* a, const float* b, float* const* out,
                  int64_t firstColumn, bool accumulate) {
  const Tile call = columns > lanes ? tiles<2>[rows - 1] : tiles<1>[rows - 1];
  call(columns, depth, a, b, out, firstColumn, accumulate);
}

}  // namespace layerwise
