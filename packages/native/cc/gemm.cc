#include "gemm.h"

#include "gemmDriver.h"

namespace layerwise {
namespace {

/** A plain matrix on the left: panels of rows. */
struct LeftMatrix {
  Matrix a;
  void pack(float* to, int64_t row, int64_t rows, int64_t k, int64_t count) const {
    const float* from = a.data + row * a.rowStride + k * a.columnStride;
    for (int64_t i = 0; i < rows; i += tileRows) {
      const int height = static_cast<int>(std::min<int64_t>(tileRows, rows - i));
      packPanel(to + i * count, tileRows, height, count, from + i * a.rowStride, a.rowStride, a.columnStride);
    }
  }
};

/** A plain matrix on the right: panels of columns. */
struct RightMatrix {
  Matrix b;
  void pack(float* to, int64_t column, int64_t columns, int64_t k, int64_t count) const {
    packPanel(to, tileColumns, static_cast<int>(columns), count, b.data + k * b.rowStride + column * b.columnStride,
              b.columnStride, b.rowStride);
  }
};

struct Rows {
  float* data;
  int64_t stride;
  float* operator()(int64_t row) const { return data + row * stride; }
};

}  // namespace

Grid chooseGrid(int64_t m, int64_t n, int64_t k) {
  const int64_t tiles = ceilDiv(m, tileRows), panels = ceilDiv(n, tileColumns);
  const int64_t most = std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(m) * n * k / partWork));
  const int64_t threads = std::min<int64_t>(threadCount(), most);
  Grid best{1, 1, tiles, panels};
  if (threads == 1) return best;
  // the least time, counted in tiles, of the thread that has most to do
  int64_t bestCost = tiles * panels;
  for (int64_t columnParts = 1; columnParts <= std::min(panels, threads); columnParts++) {
    const int64_t enough = std::max(ceilDiv(threads, columnParts), std::min(most / columnParts, ceilDiv(tiles, blockTiles)));
    const int64_t even = ceilDiv(enough, threads) * threads;
    for (const int64_t wanted : {enough, even}) {
      if (wanted < 1) continue;
      const int64_t tilesPerPart = ceilDiv(tiles, std::min(wanted, tiles));
      const int64_t panelsPerPart = ceilDiv(panels, columnParts);
      const Grid grid{ceilDiv(tiles, tilesPerPart), ceilDiv(panels, panelsPerPart), tilesPerPart, panelsPerPart};
      const int64_t cost = ceilDiv(grid.parts(), threads) * tilesPerPart * panelsPerPart;
      if (cost < bestCost) {
        best = grid;
        bestCost = cost;
      }
    }
  }
  return best;
}

Failure multiply(int64_t m, int64_t n, int64_t k, Matrix a, Matrix b, float* out, int64_t outStride,
                 const Epilogue& epilogue) {
  return multiplySources(m, n, k, LeftMatrix{a}, RightMatrix{b}, Rows{out, outStride}, epilogue);
}

int64_t packedSize(int64_t k, int64_t n) { return ceilDiv(n, tileColumns) * tileColumns * k + panelSlack; }

void packRight(int64_t k, int64_t n, Matrix b, float* packed) {
  const int64_t stride = k * tileColumns;
  parallel(ceilDiv(n, tileColumns), std::max<int64_t>(1, (1 << 16) / std::max<int64_t>(1, stride)),
           [&](int64_t begin, int64_t end) {
             for (int64_t p = begin; p < end; p++) {
               const int64_t column = p * tileColumns;
               RightMatrix{b}.pack(packed + p * stride, column, std::min<int64_t>(tileColumns, n - column), 0, k);
             }
           });
}

Failure multiplyPacked(int64_t m, int64_t n, int64_t k, Matrix a, const float* packed, float* out, int64_t outStride,
                       const Epilogue& epilogue) {
  return multiplyPanels(m, n, k, LeftMatrix{a}, packed, Rows{out, outStride}, epilogue);
}

}  // namespace layerwise
