// Batch normalization of `[rows, columns]`, each column by the statistics of its rows.
#include <cmath>

#include "kernel.h"
#include "rowParts.h"

namespace layerwise {
namespace {

/** Mean and summed squared distance from it of each column of some rows. */
struct Moments {
  float* mean;
  float* distance;
};

/** Moments of a block, by two passes: as exact as it gets, and the second reads from cache. */
void blockMoments(const float* x, int64_t rows, int64_t columns, Moments out) {
  float* __restrict mean = out.mean;
  float* __restrict distance = out.distance;
  std::fill(mean, mean + columns, 0.0f);
  std::fill(distance, distance + columns, 0.0f);
  for (int64_t r = 0; r < rows; r++) {
    const float* __restrict row = x + r * columns;
    for (int64_t c = 0; c < columns; c++) mean[c] += row[c];
  }
  const float share = 1.0f / static_cast<float>(rows);
  for (int64_t c = 0; c < columns; c++) mean[c] *= share;
  for (int64_t r = 0; r < rows; r++) {
    const float* __restrict row = x + r * columns;
    for (int64_t c = 0; c < columns; c++) distance[c] += (row[c] - mean[c]) * (row[c] - mean[c]);
  }
}

/**
 * Adds the moments of `rows` further rows to those of `before` rows.
 * Chan et al. 1983, "Algorithms for computing the sample variance".
 */
void combine(Moments into, int64_t before, Moments from, int64_t rows, int64_t columns) {
  float* __restrict mean = into.mean;
  float* __restrict distance = into.distance;
  const float* __restrict fromMean = from.mean;
  const float* __restrict fromDistance = from.distance;
  const float share = static_cast<float>(static_cast<double>(rows) / static_cast<double>(before + rows));
  const float weight = share * static_cast<float>(before);
  for (int64_t c = 0; c < columns; c++) {
    const float step = fromMean[c] - mean[c];
    mean[c] += step * share;
    distance[c] += fromDistance[c] + step * step * weight;
  }
}

/** y = (x - mean) * slope + offset, row by row. */
void normalize(const float* x, const float* mean, const float* slope, const float* offset, float* y, int64_t rows,
               int64_t columns) {
  const int64_t grain = std::max<int64_t>(1, (1 << 15) / std::max<int64_t>(columns, 1));
  parallel(rows, grain, [=](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const float* __restrict row = x + r * columns;
      float* __restrict out = y + r * columns;
      if (offset == nullptr) {
        for (int64_t c = 0; c < columns; c++) out[c] = (row[c] - mean[c]) * slope[c];
      } else {
        for (int64_t c = 0; c < columns; c++) out[c] = (row[c] - mean[c]) * slope[c] + offset[c];
      }
    }
  });
}

}  // namespace

/** x, scale?, offset?, y: float32[rows, columns]; mean, variance: float32[columns]; eps. */
KERNEL(batchNormTrain) {
  const float* x = args.floats();
  const float* scale = args.floats();
  const float* offset = args.floats();
  float* y = args.pointer<float>();
  float* mean = args.pointer<float>();
  float* variance = args.pointer<float>();
  const int64_t rows = args.size();
  const int64_t columns = args.size();
  const float eps = args.number();
  const RowParts parts(rows, columns);
  float* sums = parts.sums(4);
  float* lines = scratchFloats(static_cast<size_t>(columns), 1);
  if (sums == nullptr || lines == nullptr) return outOfMemory;
  const auto momentsOf = [=](int64_t part) { return Moments{sums + part * 4 * columns, sums + (part * 4 + 1) * columns}; };
  parts.each([&](int64_t part, int64_t begin, int64_t end) {
    const Moments mine = momentsOf(part);
    const Moments block = {mine.mean + 2 * columns, mine.mean + 3 * columns};
    parts.eachBlock(begin, end, [&](int64_t from, int64_t to) {
      blockMoments(x + from * columns, to - from, columns, block);
      combine(mine, from - begin, block, to - from, columns);
    });
  });
  const Moments all = {mean, variance};
  std::fill(mean, mean + columns, rows == 0 ? NAN : 0.0f);
  std::fill(variance, variance + columns, 0.0f);
  for (int64_t i = 0; i < parts.count; i++) combine(all, i * parts.grain, momentsOf(i), parts.rowsOf(i), columns);
  float* slope = lines;
  for (int64_t c = 0; c < columns; c++) {
    variance[c] /= static_cast<float>(rows);
    slope[c] = (scale == nullptr ? 1.0f : scale[c]) / std::sqrt(variance[c] + eps);
  }
  normalize(x, mean, slope, offset, y, rows, columns);
  return ok;
}

/** x, dy, scale?, dx: float32[rows, columns]; mean, variance, dscale, doffset: float32[columns]; eps. */
KERNEL(batchNormTrainGrad) {
  const float* x = args.floats();
  const float* dy = args.floats();
  const float* mean = args.floats();
  const float* variance = args.floats();
  const float* scale = args.floats();
  float* dx = args.pointer<float>();
  float* dscale = args.pointer<float>();
  float* doffset = args.pointer<float>();
  const int64_t rows = args.size();
  const int64_t columns = args.size();
  const float eps = args.number();
  const RowParts parts(rows, columns);
  float* sums = parts.sums(4);
  float* lines = scratchFloats(static_cast<size_t>(3 * columns), 1);
  if (sums == nullptr || lines == nullptr) return outOfMemory;
  parts.each([&](int64_t part, int64_t begin, int64_t end) {
    float* mine = sums + part * 4 * columns;
    float* __restrict block = mine + 2 * columns;
    parts.eachBlock(begin, end, [&](int64_t from, int64_t to) {
      std::fill(block, block + 2 * columns, 0.0f);
      float* __restrict sumDy = block;
      float* __restrict sumDyX = block + columns;
      for (int64_t r = from; r < to; r++) {
        const float* __restrict row = x + r * columns;
        const float* __restrict slopes = dy + r * columns;
        for (int64_t c = 0; c < columns; c++) {
          sumDy[c] += slopes[c];
          sumDyX[c] += slopes[c] * (row[c] - mean[c]);
        }
      }
      for (int64_t c = 0; c < 2 * columns; c++) mine[c] += block[c];
    });
  });
  std::fill(doffset, doffset + columns, 0.0f);
  std::fill(dscale, dscale + columns, 0.0f);
  for (int64_t i = 0; i < parts.count; i++) {
    const float* part = sums + i * 4 * columns;
    for (int64_t c = 0; c < columns; c++) doffset[c] += part[c];
    for (int64_t c = 0; c < columns; c++) dscale[c] += part[columns + c];
  }
  float* byDy = lines;
  float* byX = lines + columns;
  float* shift = lines + 2 * columns;
  const float share = 1.0f / static_cast<float>(rows);
  for (int64_t c = 0; c < columns; c++) {
    const float rstd = 1.0f / std::sqrt(variance[c] + eps);
    dscale[c] *= rstd;  // now the sum of dy times normalized x
    byDy[c] = scale == nullptr ? rstd : rstd * scale[c];
    byX[c] = -byDy[c] * rstd * dscale[c] * share;
    shift[c] = -byDy[c] * doffset[c] * share;
  }
  parts.each([=](int64_t, int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const float* __restrict row = x + r * columns;
      const float* __restrict slopes = dy + r * columns;
      float* __restrict out = dx + r * columns;
      for (int64_t c = 0; c < columns; c++) out[c] = slopes[c] * byDy[c] + (row[c] - mean[c]) * byX[c] + shift[c];
    }
  });
  return ok;
}

/** Inference: x, scale?, offset?, y: float32[rows, columns]; mean, variance: float32[columns]; eps. */
KERNEL(batchNorm) {
  const float* x = args.floats();
  const float* scale = args.floats();
  const float* offset = args.floats();
  const float* mean = args.floats();
  const float* variance = args.floats();
  float* y = args.pointer<float>();
  const int64_t rows = args.size();
  const int64_t columns = args.size();
  const float eps = args.number();
  float* slope = scratchFloats(static_cast<size_t>(columns));
  if (slope == nullptr) return outOfMemory;
  for (int64_t c = 0; c < columns; c++) {
    slope[c] = (scale == nullptr ? 1.0f : scale[c]) / std::sqrt(variance[c] + eps);
  }
  normalize(x, mean, slope, offset, y, rows, columns);
  return ok;
}

}  // namespace layerwise
