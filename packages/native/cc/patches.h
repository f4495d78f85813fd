// The pixels that a filter sees, as a matrix: a row per place, a column per tap and channel. Panels are packed straight
// from the pictures.
#pragma once
#include <algorithm>
#include <cstdint>

#include "conv.h"
#include "gemmDriver.h"

namespace layerwise {

/** With fewer channels than this the taps are first laid side by side: runs so short are slow to transpose. */
constexpr int64_t fewChannels = 16;

/** The source of patches, and a grid of places laid on it. */
struct Patches {
  const float* data;
  int64_t height, width, channels;
  int64_t rows, columns, stepY, stepX;
  const Tap* taps;
  int64_t tapCount;
  /** As many zeros as there are channels: what lies beyond a picture's edge. */
  const float* zeros;

  int64_t depth() const { return tapCount * channels; }
};

/** Runs through the places of a grid. */
struct Place {
  const Patches& patches;
  int64_t y, x;
  const float* picture;

  Place(const Patches& patches, int64_t place) : patches(patches) {
    x = place % patches.columns;
    y = place / patches.columns % patches.rows;
    picture = patches.data + place / patches.columns / patches.rows * patches.height * patches.width * patches.channels;
  }
  void next() {
    if (++x < patches.columns) return;
    x = 0;
    if (++y < patches.rows) return;
    y = 0;
    picture += patches.height * patches.width * patches.channels;
  }
  /** The pixel at a tap, or null beyond the edge. */
  const float* pixel(const Tap& tap) const {
    const int64_t row = y * patches.stepY + tap.y, column = x * patches.stepX + tap.x;
    // one comparison each: negative numbers are huge without their sign
    if (static_cast<uint64_t>(row) >= static_cast<uint64_t>(patches.height)) return nullptr;
    if (static_cast<uint64_t>(column) >= static_cast<uint64_t>(patches.width)) return nullptr;
    return picture + (row * patches.width + column) * patches.channels;
  }
};

inline void copyFloats(float* to, const float* from, int64_t count) {
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) store(to + i, load(from + i));
  if (i < count) storePart(to + i, loadPart(from + i, static_cast<int>(count - i)), static_cast<int>(count - i));
}

/** Copies the columns [k, k + count) of one row. Taps that are neighbors in the picture are copied together. */
inline void copyPatch(float* to, const Place& place, int64_t k, int64_t count) {
  const Patches& patches = place.patches;
  const int64_t channels = patches.channels;
  for (int64_t tap = k / channels, skip = k % channels; count > 0; skip = 0) {
    const Tap& first = patches.taps[tap];
    int64_t run = 1;
    while (run * channels - skip < count && patches.taps[tap + run].y == first.y &&
           patches.taps[tap + run].x == first.x + run) {
      run++;
    }
    int64_t length = std::min(run * channels - skip, count);
    const int64_t row = place.y * patches.stepY + first.y, column = place.x * patches.stepX + first.x;
    const bool inside = row >= 0 && row < patches.height;
    if (inside && column >= 0 && column + run <= patches.width) {
      copyFloats(to, place.picture + (row * patches.width + column) * channels + skip, length);
    } else {
      const int64_t begin = std::clamp<int64_t>(-column * channels - skip, 0, length);
      const int64_t end = inside ? std::clamp<int64_t>((patches.width - column) * channels - skip, begin, length)
                                 : begin;
      std::fill(to, to + begin, 0.0f);
      if (end > begin) {
        copyFloats(to + begin, place.picture + (row * patches.width + column) * channels + skip + begin, end - begin);
      }
      std::fill(to + end, to + length, 0.0f);
    }
    to += length;
    count -= length;
    tap += run;
  }
}

/** Patches on the left of a product: places by taps and channels. */
struct LeftPatches {
  Patches patches;

  void pack(float* to, int64_t row, int64_t rows, int64_t k, int64_t count) const {
    Place place(patches, row);
    for (int64_t i = 0; i < rows; i += tileRows) {
      const int height = static_cast<int>(std::min<int64_t>(tileRows, rows - i));
      if (patches.channels < fewChannels) packUnfolded(to + i * count, place, height, k, count);
      else packTaps(to + i * count, place, height, k, count);
    }
  }

 private:
  void packTaps(float* to, Place& place, int height, int64_t k, int64_t count) const {
    const int64_t channels = patches.channels;
    const Place start = place;
    const float* rows[tileRows];
    for (int64_t tap = k / channels, skip = k % channels; count > 0; tap++, skip = 0) {
      const int64_t length = std::min(channels - skip, count);
      Place each = start;
      for (int i = 0; i < height; i++, each.next()) {
        const float* pixel = each.pixel(patches.taps[tap]);
        rows[i] = pixel == nullptr ? patches.zeros : pixel + skip;
      }
      packRows(to, tileRows, height, length, rows);
      to += length * tileRows;
      count -= length;
    }
    for (int i = 0; i < height; i++) place.next();
  }

  void packUnfolded(float* to, Place& place, int height, int64_t k, int64_t count) const {
    constexpr int64_t step = 384;
    float buffer[tileRows * step];
    const float* rows[tileRows];
    const Place start = place;
    for (int64_t done = 0; done < count; done += step) {
      const int64_t length = std::min(step, count - done);
      place.x = start.x, place.y = start.y, place.picture = start.picture;
      for (int i = 0; i < height; i++, place.next()) {
        copyPatch(buffer + i * step, place, k + done, length);
        rows[i] = buffer + i * step;
      }
      packRows(to + done * tileRows, tileRows, height, length, rows);
    }
  }
};

/** The same matrix transposed: taps and channels by places, for sums over all places. */
struct LeftPatchesTransposed {
  Patches patches;

  void pack(float* to, int64_t row, int64_t rows, int64_t k, int64_t count) const {
    float buffer[blockTiles * tileRows + lanes];
    Place place(patches, k);
    for (int64_t j = 0; j < count; j++, place.next()) {
      copyPatch(buffer, place, row, rows);
      for (int64_t i = 0; i < rows; i += tileRows) {
        float* step = to + (i * count + j * tileRows);
        for (int64_t l = 0; l < tileRows; l += lanes) {
          const int part = static_cast<int>(std::min<int64_t>(lanes, tileRows - l));
          storePart(step + l, loadPart(buffer + i + l, part), part);
        }
      }
    }
  }
};

}  // namespace layerwise
