// Resizing pictures [batch, height, width, channels] and the gradients, which spread each output pixel over the same
// source pixels with the same weights.
#include <algorithm>
#include <atomic>
#include <cmath>

#include "elementwise.h"
#include "scratch.h"

namespace layerwise {
namespace {

/** How tfjs maps the pixels of the result to those of the picture. */
struct Mapping {
  bool alignCorners;
  bool halfPixel;
};

/** Where an output row or column lies between two of the source. */
struct Source {
  int64_t low;
  int64_t high;
  float fraction;
};

double ratioOf(int64_t size, int64_t outSize, Mapping mapping) {
  const bool corners = mapping.alignCorners && outSize > 1;
  return corners ? static_cast<double>(size - 1) / (outSize - 1) : static_cast<double>(size) / outSize;
}

Source bilinear(int64_t i, int64_t size, double ratio, Mapping mapping) {
  const double place = mapping.halfPixel ? ratio * (i + 0.5) - 0.5 : ratio * i;
  const int64_t low = std::max<int64_t>(0, static_cast<int64_t>(std::floor(place)));
  const int64_t high = std::min<int64_t>(size - 1, static_cast<int64_t>(std::ceil(place)));
  return {low, high, static_cast<float>(place - low)};
}

int64_t nearest(int64_t i, int64_t size, double ratio, Mapping mapping) {
  const double place = ratio * (mapping.halfPixel ? i + 0.5 : i);
  const double whole = std::floor(mapping.alignCorners ? place + 0.5 : place);
  return std::clamp<int64_t>(static_cast<int64_t>(whole), 0, size - 1);
}

/** The arguments all kernels here share. */
struct Pictures {
  const float* x;
  float* out;
  int64_t batch, height, width, channels, outHeight, outWidth;
  Mapping mapping;

  explicit Pictures(Args& args)
      : x(args.floats()),
        out(args.pointer<float>()),
        batch(args.size()),
        height(args.size()),
        width(args.size()),
        channels(args.size()),
        outHeight(args.size()),
        outWidth(args.size()),
        mapping{args.flag(), args.flag()} {}
  double rowRatio() const { return ratioOf(height, outHeight, mapping); }
  double columnRatio() const { return ratioOf(width, outWidth, mapping); }
  /** Pictures per part, where threads share whole pictures. */
  int64_t grain() const { return plainGrain / ((height * width + outHeight * outWidth) * channels); }
};

Source* bilinearColumns(const Pictures& p) {
  Source* columns = static_cast<Source*>(scratch(p.outWidth * sizeof(Source), 1));
  if (columns == nullptr) return nullptr;
  for (int64_t i = 0; i < p.outWidth; i++) {
    columns[i] = bilinear(i, p.width, p.columnRatio(), p.mapping);
    columns[i].low *= p.channels;
    columns[i].high *= p.channels;
  }
  return columns;
}

/** `out[i] = low + (high - low) * fraction` */
inline void blend(const float* __restrict low, const float* __restrict high, float fraction, float* __restrict out,
                  int64_t n) {
  for (int64_t i = 0; i < n; i++) out[i] = low[i] + (high[i] - low[i]) * fraction;
}

}  // namespace

/** (x, out, batch, height, width, channels, outHeight, outWidth, alignCorners, halfPixelCenters) */
KERNEL(resizeBilinear) {
  const Pictures p(args);
  const Source* columns = bilinearColumns(p);
  if (columns == nullptr) return outOfMemory;
  const int64_t row = p.width * p.channels;
  const int64_t outRow = p.outWidth * p.channels;
  std::atomic<bool> failed{false};
  parallel(p.batch * p.outHeight, callGrain * 4 / (row + outRow), [&](int64_t begin, int64_t end) {
    float* between = scratchFloats(row, 0);
    if (between == nullptr) {
      failed = true;
      return;
    }
    for (int64_t i = begin; i < end; i++) {
      const Source y = bilinear(i % p.outHeight, p.height, p.rowRatio(), p.mapping);
      const float* picture = p.x + i / p.outHeight * p.height * row;
      const float* source = picture + y.low * row;
      if (y.low != y.high && y.fraction != 0) {
        blend(source, picture + y.high * row, y.fraction, between, row);
        source = between;
      }
      float* to = p.out + i * outRow;
      for (int64_t j = 0; j < p.outWidth; j++, to += p.channels) {
        blend(source + columns[j].low, source + columns[j].high, columns[j].fraction, to, p.channels);
      }
    }
  });
  return failed ? outOfMemory : ok;
}

/** (dy[batch, outHeight, outWidth, channels], dx, and as above) */
KERNEL(resizeBilinearGrad) {
  const Pictures p(args);
  const Source* columns = bilinearColumns(p);
  if (columns == nullptr) return outOfMemory;
  const int64_t row = p.width * p.channels;
  const int64_t outRow = p.outWidth * p.channels;
  parallel(p.batch, p.grain(), [&](int64_t begin, int64_t end) {
    std::fill(p.out + begin * p.height * row, p.out + end * p.height * row, 0.0f);
    for (int64_t i = begin * p.outHeight; i < end * p.outHeight; i++) {
      const Source y = bilinear(i % p.outHeight, p.height, p.rowRatio(), p.mapping);
      float* picture = p.out + i / p.outHeight * p.height * row;
      float* top = picture + y.low * row;
      float* bottom = picture + y.high * row;
      const float* dy = p.x + i * outRow;
      for (int64_t j = 0; j < p.outWidth; j++, dy += p.channels) {
        const auto [left, right, fraction] = columns[j];
        for (int64_t c = 0; c < p.channels; c++) {
          const float low = dy[c] * (1 - y.fraction);
          const float high = dy[c] * y.fraction;
          top[left + c] += low * (1 - fraction);
          top[right + c] += low * fraction;
          bottom[left + c] += high * (1 - fraction);
          bottom[right + c] += high * fraction;
        }
      }
    }
  });
  return ok;
}

/** Calls `body(pixel of the picture, pixel of the result)`, in elements, for all pixels of pictures begin...end. */
template <typename Body>
static void nearestPixels(const Pictures& p, int64_t begin, int64_t end, Body body) {
  for (int64_t b = begin; b < end; b++) {
    for (int64_t i = 0; i < p.outHeight; i++) {
      const int64_t row = (b * p.height + nearest(i, p.height, p.rowRatio(), p.mapping)) * p.width;
      const int64_t outRow = (b * p.outHeight + i) * p.outWidth;
      for (int64_t j = 0; j < p.outWidth; j++) {
        const int64_t column = nearest(j, p.width, p.columnRatio(), p.mapping);
        body((row + column) * p.channels, (outRow + j) * p.channels);
      }
    }
  }
}

KERNEL(resizeNearest) {
  const Pictures p(args);
  parallel(p.batch, p.grain(), [&](int64_t begin, int64_t end) {
    nearestPixels(p, begin, end, [&](int64_t from, int64_t to) {
      for (int64_t c = 0; c < p.channels; c++) p.out[to + c] = p.x[from + c];
    });
  });
  return ok;
}

KERNEL(resizeNearestGrad) {
  const Pictures p(args);
  const int64_t picture = p.height * p.width * p.channels;
  parallel(p.batch, p.grain(), [&](int64_t begin, int64_t end) {
    std::fill(p.out + begin * picture, p.out + end * picture, 0.0f);
    nearestPixels(p, begin, end, [&](int64_t to, int64_t from) {
      for (int64_t c = 0; c < p.channels; c++) p.out[to + c] += p.x[from + c];
    });
  });
  return ok;
}

}  // namespace layerwise
