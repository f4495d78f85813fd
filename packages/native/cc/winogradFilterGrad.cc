#include <algorithm>
#include <atomic>

#include "gemmDriver.h"
#include "winograd.h"

namespace layerwise {

using namespace winograd;

namespace {

/** Floats of transformed tiles and gradients at a time: 16 MB of the cache that all cores share. */
constexpr int64_t blockFloats = int64_t{4} << 20;

/** [points][tiles][in], plain: their panels are packed, transposed, by whoever multiplies them. */
void transformInput(const Conv& conv, const Tiles& tiles, const float* x, int64_t first, int64_t count, float* to) {
  const int64_t channels = conv.inChannels;
  parallel(count, std::max<int64_t>(1, (1 << 12) / channels), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const Window window = inputWindow(conv, tiles, x, first + i);
      for (int64_t c = 0; c < channels; c += lanes) {
        Vec pixels[points], v[points];
        window.read<inSize>(c, pixels);
        both<inSize, inSize>(pixels, v, fromPixels);
        for (int k = 0; k < points; k++) storeUpTo(to + (k * count + i) * channels + c, v[k], channels - c);
      }
    }
  });
}

/** [points][panels][tiles][tileColumns]: panels of the right side. */
void transformGradient(const Conv& conv, const Tiles& tiles, const float* dy, int64_t first, int64_t count, float* to) {
  const int64_t channels = conv.outChannels, panelStride = count * tileColumns;
  const int64_t pointStride = ceilDiv(channels, tileColumns) * panelStride;
  parallel(count, std::max<int64_t>(1, (1 << 12) / channels), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const Window window = outputWindow(conv, tiles, dy, first + i);
      for (int64_t o = 0; o < channels; o += lanes) {
        Vec gradients[outSize * outSize], w[points];
        window.read<outSize>(o, gradients);
        both<outSize, inSize>(gradients, w, fromResults);
        float* at = to + o / tileColumns * panelStride + i * tileColumns + o % tileColumns;
        for (int k = 0; k < points; k++) store(at + k * pointStride, w[k]);
      }
    }
  });
}

/** Sums per point, [points][in][out], to the gradient, [3, 3, in, out]. */
void transformSums(const Conv& conv, const float* sums, float* out) {
  const int64_t size = conv.inChannels * conv.outChannels;
  parallel(ceilDiv(size, lanes), (1 << 13) / lanes, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin * lanes; i < std::min(end * lanes, size); i += lanes) {
      Vec m[points], taps[9];
      for (int k = 0; k < points; k++) m[k] = loadUpTo(sums + k * size + i, size - i);
      both<inSize, 3>(m, taps, toFilter);
      for (int t = 0; t < 9; t++) storeUpTo(out + t * size + i, taps[t], size - i);
    }
  });
}

}  // namespace

Failure winogradFilterGrad(const Conv& conv, const float* x, const float* dy, float* out) {
  const Tiles tiles(conv);
  const int64_t in = conv.inChannels, channels = conv.outChannels;
  const int64_t wide = ceilDiv(channels, tileColumns) * tileColumns;
  const int64_t fitting = std::max<int64_t>(128, blockFloats / (points * (in + wide)) / 16 * 16);
  const int64_t blocks = ceilDiv(tiles.count, fitting);
  const int64_t block = ceilDiv(ceilDiv(tiles.count, blocks), 16) * 16;
  float* left = scratchFloats(points * block * (in + wide), 1);
  float* sums = scratchFloats(points * in * channels, 2);
  if (left == nullptr || sums == nullptr) return outOfMemory;
  float* right = left + points * block * in;
  std::atomic<Failure> failure{ok};
  for (int64_t first = 0; first < tiles.count && failure.load() == ok; first += block) {
    const int64_t count = std::min(block, tiles.count - first);
    transformInput(conv, tiles, x, first, count, left);
    transformGradient(conv, tiles, dy, first, count, right);
    parallel(points, 1, [&](int64_t begin, int64_t end) {
      for (int64_t k = begin; k < end; k++) {
        const LeftMatrix pixels{{left + k * count * in, 1, in}};
        const Panels gradients{right + k * count * wide, count * tileColumns};
        const Failure each = multiplyPart(in, channels, {0, count, first == 0, true}, 0, ceilDiv(in, tileRows), 0,
                                          wide / tileColumns, pixels, gradients,
                                          OutMatrix{sums + k * in * channels, channels}, 0, {});
        if (each != ok) failure.store(each);
      }
    });
  }
  if (failure.load() == ok) transformSums(conv, sums, out);
  return failure.load();
}

}  // namespace layerwise
