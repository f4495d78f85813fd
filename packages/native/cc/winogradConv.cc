#include <algorithm>
#include <atomic>

#include "gemmDriver.h"
#include "winograd.h"

namespace layerwise {

using namespace winograd;

namespace {

/** Floats of transformed tiles and of their products that a part works on at a time: 1 MB, most of a core's cache. */
constexpr int64_t blockFloats = int64_t{1} << 18;
/** Tiles of rows in a block: few would read the filter too often, more than these gain nothing. */
constexpr int64_t fewestTiles = 4, mostTiles = 12;

/** [3, 3, in, out] to [3, 3, out, in], so that vectors run along what are out-channels when the filter is turned. */
void swapChannels(const Conv& conv, const float* filter, float* to) {
  const int64_t in = conv.outChannels, out = conv.inChannels;  // of the filter as it is stored
  parallel(9, std::max<int64_t>(1, (1 << 16) / (in * out)), [&](int64_t begin, int64_t end) {
    for (int64_t tap = begin; tap < end; tap++) {
      packPanel(to + tap * in * out, static_cast<int>(in), static_cast<int>(in), out, filter + tap * in * out, out, 1);
    }
  });
}

/** Transforms the filter into panels of the right side, [points][panels][in][tileColumns]. */
void transformFilter(const Conv& conv, const float* filter, bool turned, float* to) {
  const int64_t in = conv.inChannels, out = conv.outChannels;
  const int64_t pointStride = ceilDiv(out, tileColumns) * tileColumns * in;
  parallel(in, std::max<int64_t>(1, (1 << 13) / out), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      for (int64_t o = 0; o < out; o += lanes) {
        Vec taps[9], u[points];
        for (int t = 0; t < 9; t++) taps[turned ? 8 - t : t] = loadUpTo(filter + (t * in + i) * out + o, out - o);
        both<3, inSize>(taps, u, fromFilter);
        float* at = to + o / tileColumns * tileColumns * in + i * tileColumns + o % tileColumns;
        for (int k = 0; k < points; k++) store(at + k * pointStride, u[k]);
      }
    }
  });
}

/** Work on one block of tiles: input to panels of the left side, products, results. */
struct Block {
  const Conv& conv;
  const Tiles& tiles;
  const float* x;
  const float* filter;
  float* out;
  const Epilogue& epilogue;
  int64_t first, count;
  float* left;
  float* products;
  int64_t leftStride;

  /** [points][panels][in][tileRows]. `tileRows` tiles are transformed side by side, then transposed. */
  void transformInput() const {
    alignas(64) float buffer[points * tileRows * lanes];
    for (int64_t panel = 0; panel < count; panel += tileRows) {
      const int height = static_cast<int>(std::min<int64_t>(tileRows, count - panel));
      for (int64_t c = 0; c < conv.inChannels; c += lanes) {
        for (int i = 0; i < height; i++) {
          Vec pixels[points], v[points];
          inputWindow(conv, tiles, x, first + panel + i).read<inSize>(c, pixels);
          both<inSize, inSize>(pixels, v, fromPixels);
          for (int k = 0; k < points; k++) store(buffer + (k * tileRows + i) * lanes, v[k]);
        }
        for (int k = 0; k < points; k++) {
          packPanel(left + k * leftStride + panel * conv.inChannels + c * tileRows, tileRows, height,
                    std::min<int64_t>(lanes, conv.inChannels - c), buffer + k * tileRows * lanes, lanes, 1);
        }
      }
    }
  }

  /** [points][tiles][out] */
  void multiply() const {
    const int64_t in = conv.inChannels, channels = conv.outChannels, step = stepOf(in);
    const int64_t panels = ceilDiv(channels, tileColumns);
    float* rows[tileRows];
    for (int k = 0; k < points; k++) {
      for (int64_t depth = 0; depth < in; depth += step) {
        const int64_t length = std::min(step, in - depth);
        for (int64_t p = 0; p < panels; p++) {
          const float* b = filter + ((k * panels + p) * in + depth) * tileColumns;
          const int columns = static_cast<int>(std::min<int64_t>(tileColumns, channels - p * tileColumns));
          for (int64_t i = 0; i < count; i += tileRows) {
            const int height = static_cast<int>(std::min<int64_t>(tileRows, count - i));
            for (int r = 0; r < height; r++) rows[r] = products + (k * count + i + r) * channels;
            multiplyTile(height, columns, length, left + k * leftStride + i * in + depth * tileRows, b, rows,
                         p * tileColumns, depth > 0);
          }
        }
      }
    }
  }

  void transformOutput() const {
    const int64_t channels = conv.outChannels, stride = count * channels;
    for (int64_t i = 0; i < count; i++) {
      const Window window = outputWindow(conv, tiles, out, first + i);
      float* pixels[outSize * outSize];
      int places[outSize * outSize], seen = 0;
      for (int r = 0; r < outSize; r++) {
        for (int c = 0; c < outSize; c++) {
          if (!window.has(r, c)) continue;
          places[seen] = r * outSize + c;
          pixels[seen++] = const_cast<float*>(window.picture) + window.offset(r, c);
        }
      }
      for (int64_t o = 0; o < channels; o += lanes) {
        Vec m[points], y[outSize * outSize];
        for (int k = 0; k < points; k++) m[k] = loadUpTo(products + k * stride + i * channels + o, channels - o);
        both<inSize, outSize>(m, y, toResults);
        for (int s = 0; s < seen; s++) storeUpTo(pixels[s] + o, y[places[s]], channels - o);
      }
      if (epilogue.changes()) finish(epilogue, seen, channels, pixels, 0);
    }
  }
};

}  // namespace

bool winogradPays(const Conv& conv) {
  if (conv.filterHeight != 3 || conv.filterWidth != 3 || conv.strideY != 1 || conv.strideX != 1) return false;
  if (conv.dilationY != 1 || conv.dilationX != 1 || conv.inChannels < 32 || conv.outChannels < 32) return false;
  const Tiles tiles(conv);
  return tiles.count >= 32 && 2 * conv.places() >= outSize * outSize * tiles.count;
}

Failure winogradConv(const Conv& conv, const float* x, const float* filter, bool turned, float* out,
                     const Epilogue& epilogue) {
  const Tiles tiles(conv);
  const int64_t in = conv.inChannels, channels = conv.outChannels;
  const int64_t rightFloats = points * ceilDiv(channels, tileColumns) * tileColumns * in;
  float* right = scratchFloats(rightFloats + (turned ? 9 * in * channels + panelSlack : 0), 1);
  if (right == nullptr) return outOfMemory;
  if (turned) {
    swapChannels(conv, filter, right + rightFloats);
    filter = right + rightFloats;
  }
  transformFilter(conv, filter, turned, right);
  // blocks as large as the cache allows, but enough of them for all threads
  const int64_t cached = blockFloats / (points * (in + channels)) / tileRows;
  const int64_t fitting = std::clamp(cached, fewestTiles, mostTiles);
  const int64_t panels = ceilDiv(tiles.count, tileRows);
  const int64_t blocks = ceilDiv(ceilDiv(panels, fitting), threadCount()) * threadCount();
  const int64_t grain = ceilDiv(panels, blocks) * tileRows;
  std::atomic<Failure> failure{ok};
  parallel(tiles.count, grain, [&](int64_t begin, int64_t end) {
    for (; begin < end; begin += grain) {
      const int64_t count = std::min(grain, end - begin);
      const int64_t leftStride = ceilDiv(count, tileRows) * tileRows * in + panelSlack;
      float* left = scratchFloats(points * (leftStride + count * channels), 0);
      if (left == nullptr) return failure.store(outOfMemory);
      const Block block{conv,  tiles, x,    right, out, epilogue, begin,
                        count, left,  left + points * leftStride, leftStride};
      block.transformInput();
      block.multiply();
      block.transformOutput();
    }
  });
  return failure.load();
}

}  // namespace layerwise
