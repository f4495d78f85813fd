#include "gemm.h"

#include "gemmDriver.h"

namespace layerwise {
Grid chooseGrid(int64_t m, int64_t n, int64_t k) {
  const int64_t tiles = ceilDiv(m, tileRows), panels = ceilDiv(n, tileColumns);
  const int64_t most = std::max<int64_t>(1, static_cast<int64_t>(static_cast<double>(m) * n * k / partWork));
  const int64_t threads = std::min<int64_t>(threadCount(), most);
  Grid best{1, 1, tiles, panels};
  if (threads == 1) return best;
  // the time of the thread that has most to do: packing a tile of rows takes about as long as a quarter of a panel
  const auto timeOf = [](int64_t tiles, int64_t panels) { return tiles * (4 * panels + 1); };
  int64_t bestCost = timeOf(tiles, panels);
  for (int64_t columnParts = 1; columnParts <= std::min(panels, threads); columnParts++) {
    const int64_t blocks = std::min(most / columnParts, ceilDiv(tiles, blockTiles));
    const int64_t enough = std::max(ceilDiv(threads, columnParts), blocks);
    const int64_t even = ceilDiv(enough, threads) * threads;
    for (const int64_t wanted : {enough, even}) {
      if (wanted < 1) continue;
      const int64_t tilesPerPart = ceilDiv(tiles, std::min(wanted, tiles));
      const int64_t panelsPerPart = ceilDiv(panels, columnParts);
      const Grid grid{ceilDiv(tiles, tilesPerPart), ceilDiv(panels, panelsPerPart), tilesPerPart, panelsPerPart};
      const int64_t cost = ceilDiv(grid.parts(), threads) * timeOf(tilesPerPart, panelsPerPart);
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
  return multiplySources(m, n, k, LeftMatrix{a}, RightMatrix{b}, OutMatrix{out, outStride}, epilogue);
}

int64_t packedSize(int64_t k, int64_t n) { return ceilDiv(n, tileColumns) * tileColumns * k + panelSlack; }

void packRight(int64_t k, int64_t n, Matrix b, float* packed) {
  const int64_t stride = k * tileColumns;
  parallel(ceilDiv(n, tileColumns), std::max<int64_t>(1, (1 << 16) / std::max<int64_t>(1, stride)),
           [&](int64_t begin, int64_t end) {
             packPanels(RightMatrix{b}, packed, stride, begin, end, 0, n, 0, k);
           });
}

Failure multiplyPacked(int64_t m, int64_t n, int64_t k, Matrix a, const float* packed, float* out, int64_t outStride,
                       const Epilogue& epilogue) {
  return multiplyPanels(m, n, k, LeftMatrix{a}, packed, OutMatrix{out, outStride}, epilogue);
}

}  // namespace layerwise
