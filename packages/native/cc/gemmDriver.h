// The loops around the inner loop of a product, for any source of the two matrices (plain ones, patches of pictures)
// and any place of the result's rows.
//
//   for blocks of b (columns x depth) that fit the last cache: pack them, in parallel; then, in parallel,
//     for blocks of at most 84 rows:
//       for steps of at most 256 of depth: pack a into the second cache (84 x 256 floats are 86 KB);
//         for panels of b (32 columns; 32 KB, the first cache), for tiles of rows: multiplyTile
//
// Sizes are those of AVX-512. Twice as large blocks are no faster where two threads share a core and its caches.
#pragma once
#include <algorithm>
#include <atomic>

#include "gemm.h"
#include "gemmTile.h"
#include "panels.h"
#include "scratch.h"
#include "threads.h"

namespace layerwise {

constexpr int64_t depthStep = 256;
constexpr int64_t blockTiles = 6;
/** Floats of b packed at a time: 16 MB. */
constexpr int64_t packedFloats = int64_t{4} << 20;
constexpr int64_t packedColumns = 4096;
/** Multiply-adds that are worth a part: about 20 microseconds. */
constexpr int64_t partWork = int64_t{1} << 20;

inline int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

/** The steps along `depth`, all of about the same length; a multiple of 16, but for the last. */
inline int64_t stepOf(int64_t depth) {
  const int64_t steps = std::max<int64_t>(1, ceilDiv(depth, depthStep));
  return std::max<int64_t>(16, ceilDiv(ceilDiv(depth, steps), 16) * 16);
}

/** How the result is shared out: a grid of parts, each some tiles of rows by some panels of columns. */
struct Grid {
  int64_t rowParts, columnParts, tilesPerPart, panelsPerPart;
  int64_t parts() const { return rowParts * columnParts; }
};
Grid chooseGrid(int64_t m, int64_t n, int64_t k);

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
  bool isByRows() const { return b.columnStride == 1; }
  void pack(float* to, int64_t column, int64_t columns, int64_t k, int64_t count) const {
    packPanel(to, tileColumns, static_cast<int>(columns), count, b.data + k * b.rowStride + column * b.columnStride,
              b.columnStride, b.rowStride);
  }
};

/** Rows of a plain result. */
struct OutMatrix {
  float* data;
  int64_t stride;
  void rows(int64_t row, int64_t count, float** to) const {
    for (int64_t i = 0; i < count; i++) to[i] = data + (row + i) * stride;
  }
};

/** Columns of b in panels of `tileColumns`, `stride` floats apart. */
struct Panels {
  const float* data;
  int64_t stride;
};

/** A stretch of the depth: first and last know where sums begin and end. */
struct Stretch {
  int64_t begin, end;
  bool first, last;
};

/**
 * One part of the grid: the rows of the tiles [tile, tileEnd) by the columns of the panels [panel, panelEnd) of a
 * stretch of columns that begins at `column`.
 */
template <typename Left, typename Out>
Failure multiplyPart(int64_t m, int64_t n, const Stretch& stretch, int64_t tile, int64_t tileEnd, int64_t panel,
                     int64_t panelEnd, const Left& left, const Panels& right, const Out& out, int64_t column,
                     const Epilogue& epilogue) {
  const int64_t depth = stretch.end - stretch.begin;
  const int64_t step = stepOf(depth);
  float* packed = scratchFloats(blockTiles * tileRows * step + panelSlack, 0);
  if (packed == nullptr) return outOfMemory;
  float* rows[blockTiles * tileRows];
  for (; tile < tileEnd; tile += blockTiles) {
    const int64_t row = tile * tileRows;
    const int64_t rowEnd = std::min(m, std::min(tileEnd, tile + blockTiles) * tileRows);
    out.rows(row, rowEnd - row, rows);
    for (int64_t i = 0; i < rowEnd - row; i++) rows[i] += column;
    for (int64_t k = stretch.begin; k < stretch.end; k += step) {
      const int64_t count = std::min(step, stretch.end - k);
      left.pack(packed, row, rowEnd - row, k, count);
      const bool accumulate = epilogue.accumulate || !stretch.first || k > stretch.begin;
      const bool finishing = stretch.last && k + count == stretch.end && epilogue.changes();
      for (int64_t p = panel; p < panelEnd; p++) {
        const float* b = right.data + p * right.stride + (k - stretch.begin) * tileColumns;
        const int64_t first = p * tileColumns;
        const int columns = static_cast<int>(std::min<int64_t>(tileColumns, n - first));
        for (int64_t i = 0; i < rowEnd - row; i += tileRows) {
          const int height = static_cast<int>(std::min<int64_t>(tileRows, rowEnd - row - i));
          multiplyTile(height, columns, count, packed + i * count, b, rows + i, first, accumulate);
          if (finishing) finish(epilogue, height, columns, rows + i, first);
        }
      }
    }
  }
  return ok;
}

/** All parts of the grid. `prepare(panel, panelEnd)` is called before a part, if parts share no panels. */
template <typename Left, typename Out, typename Prepare>
Failure multiplyGrid(const Grid& grid, int64_t m, int64_t n, const Stretch& stretch, const Left& left,
                     const Panels& right, const Out& out, int64_t column, const Epilogue& epilogue,
                     const Prepare& prepare) {
  std::atomic<Failure> failure{ok};
  const int64_t tiles = ceilDiv(m, tileRows), panels = ceilDiv(n, tileColumns);
  parallel(grid.parts(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; part++) {
      const int64_t tile = part / grid.columnParts * grid.tilesPerPart;
      const int64_t panel = part % grid.columnParts * grid.panelsPerPart;
      const int64_t tileEnd = std::min(tiles, tile + grid.tilesPerPart);
      const int64_t panelEnd = std::min(panels, panel + grid.panelsPerPart);
      prepare(panel, panelEnd);
      const Failure each =
          multiplyPart(m, n, stretch, tile, tileEnd, panel, panelEnd, left, right, out, column, epilogue);
      if (each != ok) failure.store(each);
    }
  });
  return failure.load();
}

/** Writes what a product of depth 0 is. */
template <typename Out>
void multiplyNothing(int64_t m, int64_t n, const Out& out, const Epilogue& epilogue) {
  for (int64_t i = 0; i < m; i++) {
    float* row;
    out.rows(i, 1, &row);
    if (!epilogue.accumulate) std::fill(row, row + n, 0.0f);
    if (epilogue.changes()) finish(epilogue, 1, n, &row, 0);
  }
}

/** Packs some panels of the columns from `column` on; each row of b is read on and on, as the processor foresees. */
template <typename Right>
void packPanels(const Right& right, float* packed, int64_t stride, int64_t panel, int64_t panelEnd, int64_t column,
                int64_t columns, int64_t begin, int64_t depth) {
  const int64_t step = right.isByRows() ? 32 : depth;
  for (int64_t k = 0; k < depth; k += step) {
    for (int64_t p = panel; p < panelEnd; p++) {
      const int64_t first = p * tileColumns;
      right.pack(packed + p * stride + k * tileColumns, column + first,
                 std::min<int64_t>(tileColumns, columns - first), begin + k, std::min(step, depth - k));
    }
  }
}

/** The product by panels that hold all of b, `k * tileColumns` floats apart. */
template <typename Left, typename Out>
Failure multiplyPanels(int64_t m, int64_t n, int64_t k, const Left& left, const float* packed, const Out& out,
                       const Epilogue& epilogue) {
  if (m == 0 || n == 0) return ok;
  if (k == 0) return multiplyNothing(m, n, out, epilogue), ok;
  const Panels right{packed, k * tileColumns};
  return multiplyGrid(chooseGrid(m, n, k), m, n, {0, k, true, true}, left, right, out, 0, epilogue,
                      [](int64_t, int64_t) {});
}

/**
 * The product of any two sources. `left.pack(to, row, rows, k, count)` writes panels of rows one after the other;
 * `right.pack(to, column, columns, k, count)` writes one panel of columns, `right.isByRows()` says how they lie;
 * `out.rows(row, count, to)` says where rows begin.
 */
template <typename Left, typename Right, typename Out>
Failure multiplySources(int64_t m, int64_t n, int64_t k, const Left& left, const Right& right, const Out& out,
                        const Epilogue& epilogue) {
  if (m == 0 || n == 0) return ok;
  if (k == 0) return multiplyNothing(m, n, out, epilogue), ok;
  const int64_t width = std::min(n, packedColumns);
  const int64_t panelsAtOnce = ceilDiv(width, tileColumns);
  const int64_t step = stepOf(k);
  const int64_t deep = std::max(step, packedFloats / (panelsAtOnce * tileColumns) / step * step);
  float* packed = scratchFloats(panelsAtOnce * tileColumns * std::min(k, deep) + panelSlack, 1);
  if (packed == nullptr) return outOfMemory;
  for (int64_t column = 0; column < n; column += width) {
    const int64_t columns = std::min(width, n - column);
    for (int64_t begin = 0; begin < k; begin += deep) {
      const int64_t depth = std::min(deep, k - begin);
      const Stretch stretch{begin, begin + depth, begin == 0, begin + depth == k};
      const Panels panels{packed, depth * tileColumns};
      const auto pack = [&](int64_t panel, int64_t panelEnd) {
        packPanels(right, packed, panels.stride, panel, panelEnd, column, columns, begin, depth);
      };
      const Grid grid = chooseGrid(m, columns, depth);
      const bool shared = grid.rowParts > 1; // else each part packs its own panels, which saves a meeting of threads
      if (shared) parallel(panelsAtOnce, std::max<int64_t>(1, (1 << 16) / panels.stride), pack);
      const Failure failure =
          multiplyGrid(grid, m, columns, stretch, left, panels, out, column, epilogue.from(column),
                       [&](int64_t panel, int64_t panelEnd) {
                         if (!shared) pack(panel, panelEnd);
                       });
      if (failure != ok) return failure;
    }
  }
  return ok;
}

}  // namespace layerwise
