// Layer normalization of `[rows, columns]`, each row by its own statistics.
#include <cmath>

#include "kernel.h"
#include "lanes.h"
#include "rowParts.h"

namespace layerwise {

/** x, weight?, bias?, y: float32[rows, columns]; mean, rstd: float32[rows]; eps. */
KERNEL(layerNorm) {
  const float* x = args.floats();
  const float* weight = args.floats();
  const float* bias = args.floats();
  float* y = args.pointer<float>();
  float* means = args.pointer<float>();
  float* rstds = args.pointer<float>();
  const int64_t rows = args.size();
  const int64_t columns = args.size();
  const float eps = args.number();
  const int64_t grain = std::max<int64_t>(1, (1 << 14) / std::max<int64_t>(columns, 1));
  parallel(rows, grain, [=](int64_t begin, int64_t end) {
    const float share = 1.0f / static_cast<float>(columns);
    for (int64_t r = begin; r < end; r++) {
      const float* row = x + r * columns;
      const float mean = share * rowSum(columns, [=](int64_t i, auto lane) { return lane.get(row + i); });
      const float variance = share * rowSum(columns, [=](int64_t i, auto lane) {
        const Vec away = lane.keep(lane.get(row + i) - mean);
        return away * away;
      });
      const float rstd = 1.0f / std::sqrt(variance + eps);
      float* __restrict out = y + r * columns;
      for (int64_t c = 0; c < columns; c++) {
        const float normal = (row[c] - mean) * rstd;
        const float scaled = weight == nullptr ? normal : normal * weight[c];
        out[c] = bias == nullptr ? scaled : scaled + bias[c];
      }
      means[r] = mean;
      rstds[r] = rstd;
    }
  });
  return ok;
}

/** x, dy, dx: float32[rows, columns]; mean, rstd: float32[rows]; weight?, dweight, dbias: float32[columns]. */
KERNEL(layerNormGrad) {
  const float* x = args.floats();
  const float* dy = args.floats();
  const float* means = args.floats();
  const float* rstds = args.floats();
  const float* weight = args.floats();
  float* dx = args.pointer<float>();
  float* dweight = args.pointer<float>();
  float* dbias = args.pointer<float>();
  const int64_t rows = args.size();
  const int64_t columns = args.size();
  const RowParts parts(rows, columns);
  float* sums = parts.sums(4);
  if (sums == nullptr) return outOfMemory;
  parts.each([&](int64_t part, int64_t begin, int64_t end) {
    float* mine = sums + part * 4 * columns;
    float* __restrict blockWeight = mine + 2 * columns;
    float* __restrict blockBias = mine + 3 * columns;
    const float share = 1.0f / static_cast<float>(columns);
    parts.eachBlock(begin, end, [&](int64_t from, int64_t to) {
      std::fill(blockWeight, blockWeight + 2 * columns, 0.0f);
      for (int64_t r = from; r < to; r++) {
        const float* row = x + r * columns;
        const float* slopes = dy + r * columns;
        float* __restrict out = dx + r * columns;
        const float mean = means[r];
        const float rstd = rstds[r];
        const auto scaled = [=](int64_t i, auto lane) {
          return weight == nullptr ? lane.get(slopes + i) : lane.get(slopes + i) * lane.get(weight + i);
        };
        const float level = share * rowSum(columns, scaled);
        const float along = share * rstd * rowSum(columns, [=](int64_t i, auto lane) {
          return scaled(i, lane) * (lane.get(row + i) - mean);
        });
        for (int64_t c = 0; c < columns; c++) {
          const float normal = (row[c] - mean) * rstd;
          blockWeight[c] += slopes[c] * normal;
          blockBias[c] += slopes[c];
          out[c] = rstd * ((weight == nullptr ? slopes[c] : slopes[c] * weight[c]) - level - normal * along);
        }
      }
      for (int64_t c = 0; c < 2 * columns; c++) mine[c] += mine[2 * columns + c];
    });
  });
  std::fill(dweight, dweight + columns, 0.0f);
  std::fill(dbias, dbias + columns, 0.0f);
  for (int64_t i = 0; i < parts.count; i++) {
    const float* part = sums + i * 4 * columns;
    for (int64_t c = 0; c < columns; c++) dweight[c] += part[c];
    for (int64_t c = 0; c < columns; c++) dbias[c] += part[columns + c];
  }
  return ok;
}

}  // namespace layerwise
