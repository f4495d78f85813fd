// Convolutions of each channel by filters of its own, and their gradients. With one filter per channel, vectors run
// along the channels; with more, plain loops do.
#include <algorithm>

#include "conv.h"
#include "finish.h"
#include "scratch.h"
#include "simd.h"
#include "threads.h"

namespace layerwise {
namespace {

/** Multiply-adds worth a part. */
constexpr int64_t partWork = 1 << 17;

/** Sums over places are made in this many parts, whatever the number of threads, and added up in their order. */
constexpr int64_t sumParts = 16;

int64_t filtersPerChannel(const Conv& conv) { return conv.outChannels / conv.inChannels; }

int64_t rowGrain(const Conv& conv, int64_t columns) {
  return std::max<int64_t>(1, partWork / std::max<int64_t>(1, columns * conv.outChannels * conv.taps()));
}

/** Positions of one axis, first to last, at which a tap at `offset` meets a line of `size` pixels. */
struct Range {
  int64_t begin, end;
  Range(int64_t offset, int64_t stride, int64_t size, int64_t count) {
    begin = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
    end = offset >= size ? begin : std::min(count, (size - 1 - offset) / stride + 1);
    end = std::max(begin, end);
  }
};

/** Calls `body(tap, pixel)` for the taps that see a pixel from the place (y, x); both are numbered row by row. */
template <typename Body>
void eachPixel(const Conv& conv, int64_t y, int64_t x, const Body& body) {
  for (int64_t ky = 0; ky < conv.filterHeight; ky++) {
    const int64_t row = y * conv.strideY + ky * conv.dilationY - conv.top;
    if (row < 0 || row >= conv.inHeight) continue;
    for (int64_t kx = 0; kx < conv.filterWidth; kx++) {
      const int64_t column = x * conv.strideX + kx * conv.dilationX - conv.left;
      if (column >= 0 && column < conv.inWidth) body(ky * conv.filterWidth + kx, row * conv.inWidth + column);
    }
  }
}

/** The same for the taps that see the pixel (y, x): `body(tap, place)`. */
template <typename Body>
void eachPlace(const Conv& conv, int64_t y, int64_t x, const Body& body) {
  for (int64_t ky = 0; ky < conv.filterHeight; ky++) {
    const int64_t row = y + conv.top - ky * conv.dilationY;
    if (row < 0 || row % conv.strideY != 0 || row / conv.strideY >= conv.outHeight) continue;
    for (int64_t kx = 0; kx < conv.filterWidth; kx++) {
      const int64_t column = x + conv.left - kx * conv.dilationX;
      if (column < 0 || column % conv.strideX != 0 || column / conv.strideX >= conv.outWidth) continue;
      body(ky * conv.filterWidth + kx, row / conv.strideY * conv.outWidth + column / conv.strideX);
    }
  }
}

}  // namespace

/** x: [batch, height, width, in], filter: [height, width, in, filters]; out: [..., in * filters]. */
KERNEL(depthwiseConv2d) {
  const float* x = args.floats();
  const float* filter = args.floats();
  float* out = args.pointer<float>();
  const Conv conv = readConv(args);
  const Epilogue epilogue = readEpilogue(args);
  const int64_t in = conv.inChannels, channels = conv.outChannels, filters = filtersPerChannel(conv);
  parallel(conv.batch * conv.outHeight, rowGrain(conv, conv.outWidth), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin * conv.outWidth; i < end * conv.outWidth; i++) {
      const int64_t place = i % (conv.outHeight * conv.outWidth);
      const float* picture = x + i / (conv.outHeight * conv.outWidth) * conv.inHeight * conv.inWidth * in;
      const int64_t placeY = place / conv.outWidth, placeX = place % conv.outWidth;
      float* to = out + i * channels;
      if (filters == 1) {
        for (int64_t c = 0; c < channels; c += lanes) {
          Vec sum = {};
          eachPixel(conv, placeY, placeX, [&](int64_t tap, int64_t pixel) {
            sum = fma(loadUpTo(picture + pixel * in + c, in - c), loadUpTo(filter + tap * in + c, in - c), sum);
          });
          storeUpTo(to + c, sum, channels - c);
        }
      } else {
        std::fill(to, to + channels, 0.0f);
        eachPixel(conv, placeY, placeX, [&](int64_t tap, int64_t pixel) {
          for (int64_t c = 0; c < in; c++) {
            const float value = picture[pixel * in + c];
            for (int64_t f = c * filters; f < (c + 1) * filters; f++) to[f] += value * filter[tap * channels + f];
          }
        });
      }
      if (epilogue.changes()) finish(epilogue, 1, channels, &to, 0);
    }
  });
  return ok;
}

KERNEL(depthwiseConv2dInputGrad) {
  const float* dy = args.floats();
  const float* filter = args.floats();
  float* out = args.pointer<float>();
  const Conv conv = readConv(args);
  const int64_t in = conv.inChannels, channels = conv.outChannels, filters = filtersPerChannel(conv);
  parallel(conv.batch * conv.inHeight, rowGrain(conv, conv.inWidth), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin * conv.inWidth; i < end * conv.inWidth; i++) {
      const int64_t pixel = i % (conv.inHeight * conv.inWidth);
      const float* gradient = dy + i / (conv.inHeight * conv.inWidth) * conv.outHeight * conv.outWidth * channels;
      const int64_t pixelY = pixel / conv.inWidth, pixelX = pixel % conv.inWidth;
      float* to = out + i * in;
      if (filters == 1) {
        for (int64_t c = 0; c < in; c += lanes) {
          Vec sum = {};
          eachPlace(conv, pixelY, pixelX, [&](int64_t tap, int64_t place) {
            sum = fma(loadUpTo(gradient + place * in + c, in - c), loadUpTo(filter + tap * in + c, in - c), sum);
          });
          storeUpTo(to + c, sum, in - c);
        }
      } else {
        std::fill(to, to + in, 0.0f);
        eachPlace(conv, pixelY, pixelX, [&](int64_t tap, int64_t place) {
          for (int64_t c = 0; c < in; c++) {
            for (int64_t f = c * filters; f < (c + 1) * filters; f++) {
              to[c] += gradient[place * channels + f] * filter[tap * channels + f];
            }
          }
        });
      }
    }
  });
  return ok;
}

KERNEL(depthwiseConv2dFilterGrad) {
  const float* x = args.floats();
  const float* dy = args.floats();
  float* out = args.pointer<float>();
  const Conv conv = readConv(args);
  const int64_t in = conv.inChannels, channels = conv.outChannels, filters = filtersPerChannel(conv);
  const int64_t rows = conv.batch * conv.outHeight, size = conv.taps() * channels;
  float* sums = scratchFloats(sumParts * size, 1);
  if (sums == nullptr) return outOfMemory;
  const auto addRow = [&](int64_t row, int64_t tap, float* to) {
    const int64_t y = row % conv.outHeight * conv.strideY + tap / conv.filterWidth * conv.dilationY - conv.top;
    if (y < 0 || y >= conv.inHeight) return;
    const int64_t offset = tap % conv.filterWidth * conv.dilationX - conv.left;
    const Range range(offset, conv.strideX, conv.inWidth, conv.outWidth);
    const float* pixels = x + (row / conv.outHeight * conv.inHeight + y) * conv.inWidth * in;
    const float* gradients = dy + row * conv.outWidth * channels;
    const auto pixel = [&](int64_t i) { return pixels + (i * conv.strideX + offset) * in; };
    if (filters == 1) {
      for (int64_t c = 0; c < in; c += lanes) {
        Vec sum = loadUpTo(to + c, in - c);
        for (int64_t i = range.begin; i < range.end; i++) {
          sum = fma(loadUpTo(pixel(i) + c, in - c), loadUpTo(gradients + i * in + c, in - c), sum);
        }
        storeUpTo(to + c, sum, in - c);
      }
    } else {
      for (int64_t i = range.begin; i < range.end; i++) {
        for (int64_t c = 0; c < channels; c++) to[c] += pixel(i)[c / filters] * gradients[i * channels + c];
      }
    }
  };
  parallel(sumParts, static_cast<double>(rows) * conv.outWidth * size < partWork ? sumParts : 1,
           [&](int64_t begin, int64_t end) {
             for (int64_t part = begin; part < end; part++) {
               float* to = sums + part * size;
               std::fill(to, to + size, 0.0f);
               for (int64_t row = part * rows / sumParts; row < (part + 1) * rows / sumParts; row++) {
                 for (int64_t tap = 0; tap < conv.taps(); tap++) addRow(row, tap, to + tap * channels);
               }
             }
           });
  std::copy(sums, sums + size, out);
  for (int64_t part = 1; part < sumParts; part++) {
    for (int64_t i = 0; i < size; i++) out[i] += sums[part * size + i];
  }
  return ok;
}

}  // namespace layerwise
