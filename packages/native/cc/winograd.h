// Convolution by 3x3 filters with a quarter of the multiplications: Winograd's F(4x4, 3x3). A tile of 4 x 4 results
// sees 6 x 6 pixels; transformed, those are multiplied by the transformed filter number by number, 36 products instead
// of 144, and each of the 36 is a matrix product over the channels.
// See Lavin & Gray 2015, https://arxiv.org/abs/1509.09308
//
// A transform evaluates polynomials at the points 0, 3/4, -3/4, 3/2, -3/2 and infinity. With these the result is about
// twice as far from the exact one as that of a plain sum of floats (for 512 channels 1.8e-6 of the result's size in the
// mean, 1e-5 at most); with the usual 0, 1, -1, 2, -2 it is four times as far.
#pragma once
#include "conv.h"
#include "finish.h"
#include "simd.h"

namespace layerwise {

namespace winograd {

constexpr int outSize = 4;
constexpr int inSize = 6;
/** Numbers of a transformed tile. */
constexpr int points = inSize * inSize;
constexpr float p = 0.75f, q = 1.5f;  // the points, with both signs

/** Pixels to points (B'). */
inline void fromPixels(const Vec* d, int step, Vec* v, int vStep) {
  const Vec even1 = fma(d[2 * step], fill(-q * q), d[4 * step]), odd1 = fma(d[step], fill(-q * q), d[3 * step]);
  const Vec even2 = fma(d[2 * step], fill(-p * p), d[4 * step]), odd2 = fma(d[step], fill(-p * p), d[3 * step]);
  v[0] = fma(d[0], fill(p * p * q * q), fma(d[2 * step], fill(-p * p - q * q), d[4 * step]));
  v[vStep] = fma(odd1, fill(p), even1);
  v[2 * vStep] = fma(odd1, fill(-p), even1);
  v[3 * vStep] = fma(odd2, fill(q), even2);
  v[4 * vStep] = fma(odd2, fill(-q), even2);
  v[5 * vStep] = fma(d[step], fill(p * p * q * q), fma(d[3 * step], fill(-p * p - q * q), d[5 * step]));
}

/** Points to results (A'). */
inline void toResults(const Vec* m, int step, Vec* y, int yStep) {
  const Vec sum1 = m[step] + m[2 * step], difference1 = m[step] - m[2 * step];
  const Vec sum2 = m[3 * step] + m[4 * step], difference2 = m[3 * step] - m[4 * step];
  y[0] = m[0] + sum1 + sum2;
  y[yStep] = fma(difference1, fill(p), difference2 * q);
  y[2 * yStep] = fma(sum1, fill(p * p), sum2 * (q * q));
  y[3 * yStep] = fma(difference1, fill(p * p * p), fma(difference2, fill(q * q * q), m[5 * step]));
}

/** Gradients of results to points (A). */
inline void fromResults(const Vec* y, int step, Vec* w, int wStep) {
  const Vec even1 = fma(y[2 * step], fill(p * p), y[0]), odd1 = fma(y[3 * step], fill(p * p * p), y[step] * p);
  const Vec even2 = fma(y[2 * step], fill(q * q), y[0]), odd2 = fma(y[3 * step], fill(q * q * q), y[step] * q);
  w[0] = y[0];
  w[wStep] = even1 + odd1;
  w[2 * wStep] = even1 - odd1;
  w[3 * wStep] = even2 + odd2;
  w[4 * wStep] = even2 - odd2;
  w[5 * wStep] = y[3 * step];
}

constexpr float g0 = 64.0f / 81, g1 = -128.0f / 243, g2 = -32.0f / 81, g3 = -8.0f / 27;
constexpr float g4 = 32.0f / 243, g5 = 16.0f / 81;

/** The filter's numbers to points (G). */
inline void fromFilter(const Vec* f, int step, Vec* u, int uStep) {
  const Vec even1 = fma(f[2 * step], fill(g3), f[0] * g1), odd1 = f[step] * g2;
  const Vec even2 = fma(f[2 * step], fill(-g3), f[0] * g4), odd2 = f[step] * g5;
  u[0] = f[0] * g0;
  u[uStep] = even1 + odd1;
  u[2 * uStep] = even1 - odd1;
  u[3 * uStep] = even2 + odd2;
  u[4 * uStep] = even2 - odd2;
  u[5 * uStep] = f[2 * step];
}

/** Points to gradients of the filter's numbers (G'). */
inline void toFilter(const Vec* m, int step, Vec* f, int fStep) {
  const Vec sum1 = m[step] + m[2 * step], difference1 = m[step] - m[2 * step];
  const Vec sum2 = m[3 * step] + m[4 * step], difference2 = m[3 * step] - m[4 * step];
  f[0] = fma(m[0], fill(g0), fma(sum1, fill(g1), sum2 * g4));
  f[fStep] = fma(difference1, fill(g2), difference2 * g5);
  f[2 * fStep] = fma(sum1 - sum2, fill(g3), m[5 * step]);
}

/** A transform of rows and columns: `from` is [inRows x inRows], `to` [outRows x outRows]. */
template <int inRows, int outRows, typename Transform>
inline void both(const Vec* from, Vec* to, const Transform& transform) {
  Vec half[outRows * inRows];
  for (int x = 0; x < inRows; x++) transform(from + x, inRows, half + x, inRows);
  for (int y = 0; y < outRows; y++) transform(half + y * inRows, 1, to + y * outRows, 1);
}

/** The tiles of a batch of pictures. */
struct Tiles {
  int64_t rows, columns, count;
  explicit Tiles(const Conv& conv)
      : rows((conv.outHeight + outSize - 1) / outSize),
        columns((conv.outWidth + outSize - 1) / outSize),
        count(conv.batch * rows * columns) {}
};

/** A window of `size` x `size` pixels of a picture, which may reach over its edges. */
struct Window {
  const float* picture;
  int64_t y, x, height, width, channels;

  bool isInside(int size) const { return y >= 0 && x >= 0 && y + size <= height && x + size <= width; }
  bool has(int64_t row, int64_t column) const {
    return y + row >= 0 && y + row < height && x + column >= 0 && x + column < width;
  }
  int64_t offset(int64_t row, int64_t column) const { return ((y + row) * width + x + column) * channels; }
  /** The channels from `channel` on, as many as a vector holds; what lies beyond the edges is 0. */
  template <int size>
  void read(int64_t channel, Vec* to) const {
    const int64_t rest = channels - channel;
    if (isInside(size) && rest >= lanes) {
      const float* first = picture + offset(0, 0) + channel;
      for (int r = 0; r < size; r++) {
        for (int c = 0; c < size; c++) to[r * size + c] = load(first + (r * width + c) * channels);
      }
      return;
    }
    for (int r = 0; r < size; r++) {
      for (int c = 0; c < size; c++) {
        to[r * size + c] = has(r, c) ? loadUpTo(picture + offset(r, c) + channel, rest) : Vec{};
      }
    }
  }
};

/** What a tile sees of the input, and what it is in the output. */
inline Window inputWindow(const Conv& conv, const Tiles& tiles, const float* x, int64_t tile) {
  const int64_t column = tile % tiles.columns, row = tile / tiles.columns % tiles.rows;
  const float* picture = x + tile / tiles.columns / tiles.rows * conv.inHeight * conv.inWidth * conv.inChannels;
  return {picture,       row * outSize - conv.top, column * outSize - conv.left, conv.inHeight,
          conv.inWidth, conv.inChannels};
}
inline Window outputWindow(const Conv& conv, const Tiles& tiles, const float* out, int64_t tile) {
  const int64_t column = tile % tiles.columns, row = tile / tiles.columns % tiles.rows;
  const float* picture = out + tile / tiles.columns / tiles.rows * conv.outHeight * conv.outWidth * conv.outChannels;
  return {picture, row * outSize, column * outSize, conv.outHeight, conv.outWidth, conv.outChannels};
}

}  // namespace winograd

/** Whether a convolution is faster this way: enough channels and tiles, of which not too much is wasted. */
bool winogradPays(const Conv& conv);

/** `x` convolved by `filter`, or, for the gradient by the input, by the filter turned around, its channels swapped. */
Failure winogradConv(const Conv& conv, const float* x, const float* filter, bool turned, float* out,
                     const Epilogue& epilogue);

/** Gradient of the convolution by its filter. */
Failure winogradFilterGrad(const Conv& conv, const float* x, const float* dy, float* out);

}  // namespace layerwise
