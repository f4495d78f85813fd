// Gradient of a convolution by its input. With strides, pixels that lie alike between the places see the same taps:
// each such class of pixels is a convolution of dy by those taps, without strides or holes.
#include <algorithm>
#include <atomic>
#include <utility>

#include "gemmDriver.h"
#include "patches.h"
#include "winograd.h"

namespace layerwise {
namespace {

/** The filter's numbers under some taps, as a matrix: taps and out-channels by in-channels. */
struct RightTaps {
  const float* filter;
  const int64_t* indices;
  int64_t inChannels, outChannels;

  bool isByRows() const { return false; }
  void pack(float* to, int64_t column, int64_t columns, int64_t k, int64_t count) const {
    for (int64_t tap = k / outChannels, skip = k % outChannels; count > 0; tap++, skip = 0) {
      const int64_t length = std::min(outChannels - skip, count);
      const float* from = filter + (indices[tap] * inChannels + column) * outChannels + skip;
      packPanel(to, tileColumns, static_cast<int>(columns), length, from, outChannels, 1);
      to += length * tileColumns;
      count -= length;
    }
  }
};

/** The pixels of a class: every stride-th in both directions, from the first on. */
struct OutPixels {
  float* data;
  int64_t height, width, channels, firstY, firstX, rowCount, columnCount, strideY, strideX;

  void rows(int64_t row, int64_t count, float** to) const {
    int64_t x = row % columnCount, y = row / columnCount % rowCount, picture = row / columnCount / rowCount;
    for (int64_t i = 0; i < count; i++) {
      to[i] = data + ((picture * height + firstY + y * strideY) * width + firstX + x * strideX) * channels;
      if (++x < columnCount) continue;
      x = 0;
      if (++y < rowCount) continue;
      y = 0;
      picture++;
    }
  }
};

struct Memory {
  float* zeros;
  Tap* taps;
  int64_t* indices;
};

Failure inputGradClass(const Conv& conv, const float* dy, const float* filter, float* out, int64_t firstY,
                       int64_t firstX, const Memory& memory) {
  int64_t count = 0;
  for (int64_t ky = 0; ky < conv.filterHeight; ky++) {
    for (int64_t kx = 0; kx < conv.filterWidth; kx++) {
      const int64_t y = firstY + conv.top - ky * conv.dilationY, x = firstX + conv.left - kx * conv.dilationX;
      if (y % conv.strideY != 0 || x % conv.strideX != 0) continue;
      memory.taps[count] = {y / conv.strideY, x / conv.strideX};
      memory.indices[count++] = ky * conv.filterWidth + kx;
    }
  }
  const int64_t rows = ceilDiv(conv.inHeight - firstY, conv.strideY);
  const int64_t columns = ceilDiv(conv.inWidth - firstX, conv.strideX);
  const Patches patches{dy, conv.outHeight, conv.outWidth, conv.outChannels, rows, columns, 1, 1, memory.taps, count,
                        memory.zeros};
  const OutPixels pixels{out, conv.inHeight, conv.inWidth, conv.inChannels, firstY, firstX, rows, columns,
                         conv.strideY, conv.strideX};
  return multiplySources(conv.batch * rows * columns, conv.inChannels, count * conv.outChannels, LeftPatches{patches},
                         RightTaps{filter, memory.indices, conv.inChannels, conv.outChannels}, pixels, {});
}

/** Adds what each place gives to the pixels that it sees, [taps, channels], to a picture. */
void addPatch(const Conv& conv, int64_t placeY, int64_t placeX, const float* from, float* picture) {
  const int64_t channels = conv.inChannels, first = placeX * conv.strideX - conv.left;
  for (int64_t ky = 0; ky < conv.filterHeight; ky++, from += conv.filterWidth * channels) {
    const int64_t y = placeY * conv.strideY + ky * conv.dilationY - conv.top;
    if (y < 0 || y >= conv.inHeight) continue;
    float* row = picture + y * conv.inWidth * channels;
    if (conv.dilationX == 1) {  // neighbors in the filter are neighbors in the picture
      const int64_t begin = std::max<int64_t>(0, -first), end = std::min(conv.filterWidth, conv.inWidth - first);
      for (int64_t i = begin * channels; i < end * channels; i++) row[first * channels + i] += from[i];
      continue;
    }
    for (int64_t kx = 0; kx < conv.filterWidth; kx++) {
      const int64_t x = first + kx * conv.dilationX;
      if (x < 0 || x >= conv.inWidth) continue;
      for (int64_t c = 0; c < channels; c++) row[x * channels + c] += from[kx * channels + c];
    }
  }
}

/**
 * The gradient for few channels, which alone would leave most of a vector empty: first what every place gives to all
 * that it sees, a product with as many columns as the filter has taps and channels, then the sums.
 */
Failure fewChannelsGrad(const Conv& conv, const float* dy, const float* filter, float* out) {
  const int64_t depth = conv.taps() * conv.inChannels, size = conv.inHeight * conv.inWidth * conv.inChannels;
  const int64_t rows = std::max<int64_t>(1, (1 << 16) / std::max<int64_t>(1, conv.outWidth * depth));
  float* packed = scratchFloats(packedSize(conv.outChannels, depth), 3);
  if (packed == nullptr) return outOfMemory;
  packRight(conv.outChannels, depth, {filter, 1, conv.outChannels}, packed);
  std::atomic<Failure> failure{ok};
  const auto one = [&](int64_t i) -> Failure {
    float* picture = out + i * size;
    float* patches = scratchFloats(rows * conv.outWidth * depth, 2);
    if (patches == nullptr) return outOfMemory;
    std::fill(picture, picture + size, 0.0f);
    for (int64_t first = 0; first < conv.outHeight; first += rows) {
      const int64_t places = std::min(rows, conv.outHeight - first) * conv.outWidth;
      const float* from = dy + (i * conv.outHeight + first) * conv.outWidth * conv.outChannels;
      const Failure failed = multiplyPacked(places, depth, conv.outChannels, {from, conv.outChannels, 1}, packed,
                                            patches, depth);
      if (failed != ok) return failed;
      for (int64_t j = 0; j < places; j++) {
        addPatch(conv, first + j / conv.outWidth, j % conv.outWidth, patches + j * depth, picture);
      }
    }
    return ok;
  };
  parallel(conv.batch, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const Failure each = one(i);
      if (each != ok) failure.store(each);
    }
  });
  return failure.load();
}

/** The convolution of dy, by the filter turned around, that the gradient is if there are no strides. */
Conv turnedAround(Conv conv) {
  std::swap(conv.inHeight, conv.outHeight);
  std::swap(conv.inWidth, conv.outWidth);
  std::swap(conv.inChannels, conv.outChannels);
  conv.top = conv.filterHeight - 1 - conv.top;
  conv.left = conv.filterWidth - 1 - conv.left;
  return conv;
}

}  // namespace

/** dy: [batch, outHeight, outWidth, out], filter: [height, width, in, out]; out: [batch, height, width, in]. */
KERNEL(conv2dInputGrad) {
  const float* dy = args.floats();
  const float* filter = args.floats();
  float* out = args.pointer<float>();
  const Conv conv = readConv(args);
  if (conv.isPlainProduct()) {
    return multiply(conv.places(), conv.inChannels, conv.outChannels, {dy, conv.outChannels, 1},
                    {filter, 1, conv.outChannels}, out, conv.inChannels);
  }
  const Conv turned = turnedAround(conv);
  if (winogradPays(turned)) return winogradConv(turned, dy, filter, true, out, {});
  if (conv.inChannels < fewChannels) return fewChannelsGrad(conv, dy, filter, out);
  float* zeros = scratchFloats(conv.outChannels, 2);
  Tap* taps = static_cast<Tap*>(scratch(conv.taps() * (sizeof(Tap) + sizeof(int64_t)), 3));
  if (zeros == nullptr || taps == nullptr) return outOfMemory;
  std::fill(zeros, zeros + conv.outChannels, 0.0f);
  const Memory memory{zeros, taps, reinterpret_cast<int64_t*>(taps + conv.taps())};
  for (int64_t y = 0; y < std::min(conv.strideY, conv.inHeight); y++) {
    for (int64_t x = 0; x < std::min(conv.strideX, conv.inWidth); x++) {
      const Failure failure = inputGradClass(conv, dy, filter, out, y, x, memory);
      if (failure != ok) return failure;
    }
  }
  return ok;
}

}  // namespace layerwise
