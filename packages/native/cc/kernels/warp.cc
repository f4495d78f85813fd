// Pictures seen through a projective map or rotated, and boxes cut out of them; [batch, height, width, channels].
#include <algorithm>
#include <cmath>

#include "elementwise.h"

namespace layerwise {
namespace {

/** What lies outside a picture. */
enum class Outside { constant, reflect, wrap, nearest };

double clamped(double x, int64_t size) { return x < 0 ? 0 : x > size - 1 ? size - 1 : x; }

double reflected(double x, int64_t size) {
  if (x >= 0 && x <= size - 1) return x;
  if (size <= 1) return 0;
  const double period = 2.0 * size;
  if (x < 0) {
    x += period * std::trunc(-x / period);
    x = x < -size ? x + period : -x - 1;
  } else {
    x -= period * std::trunc(x / period);
    if (x >= size) x = period - x - 1;
  }
  return clamped(x, size);
}

double wrapped(double x, int64_t size) {
  if (x >= 0 && x <= size - 1) return x;
  if (size <= 1) return 0;
  if (x < 0) x += size * (std::trunc(-x / (size - 1)) + 1);
  else x -= size * std::trunc(x / (size - 1));
  return clamped(x, size);
}

double mapped(double x, int64_t size, Outside outside) {
  switch (outside) {
    case Outside::reflect: return reflected(x, size);
    case Outside::wrap: return wrapped(x, size);
    case Outside::nearest: return clamped(x, size);
    default: return x;
  }
}

struct Picture {
  const float* x;
  int64_t height, width, channels;

  /** The pixel at a place, or null; NaN is outside. */
  const float* at(double y, double x) const {
    if (!(y >= 0 && y < height && x >= 0 && x < width)) return nullptr;
    return this->x + (static_cast<int64_t>(y) * width + static_cast<int64_t>(x)) * channels;
  }
};

void nearestPixel(const Picture& picture, double y, double x, float fill, float* out) {
  const float* pixel = picture.at(std::floor(y + 0.5), std::floor(x + 0.5));
  for (int64_t c = 0; c < picture.channels; c++) out[c] = pixel == nullptr ? fill : pixel[c];
}

void bilinearPixel(const Picture& picture, double y, double x, float fill, float* out) {
  const double top = std::floor(y), left = std::floor(x);
  const float down = static_cast<float>(y - top), right = static_cast<float>(x - left);
  const float* pixels[4] = {picture.at(top, left), picture.at(top, left + 1), picture.at(top + 1, left),
                            picture.at(top + 1, left + 1)};
  for (int64_t c = 0; c < picture.channels; c++) {
    float v[4];
    for (int k = 0; k < 4; k++) v[k] = pixels[k] == nullptr ? fill : pixels[k][c];
    const float above = (1 - right) * v[0] + right * v[1];
    const float below = (1 - right) * v[2] + right * v[3];
    out[c] = (1 - down) * above + down * below;
  }
}

}  // namespace

/**
 * (x, transforms[batch or 1, 8], out, batch, height, width, channels, outHeight, outWidth, one for all, bilinear,
 * outside, fill)
 */
KERNEL(transform) {
  const float* x = args.floats();
  const float* transforms = args.floats();
  float* out = args.pointer<float>();
  const int64_t batch = args.size();
  const int64_t height = args.size(), width = args.size(), channels = args.size();
  const int64_t outHeight = args.size(), outWidth = args.size();
  const bool oneForAll = args.flag();
  const bool isBilinear = args.flag();
  const Outside outside = static_cast<Outside>(args.size());
  const float fill = args.number();
  parallel(batch * outHeight, callGrain / (outWidth * channels), [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t b = row / outHeight;
      const double i = static_cast<double>(row % outHeight);
      const float* t = oneForAll ? transforms : transforms + b * 8;
      const Picture picture{x + b * height * width * channels, height, width, channels};
      float* to = out + row * outWidth * channels;
      for (int64_t j = 0; j < outWidth; j++, to += channels) {
        const double scale = double{t[6]} * j + double{t[7]} * i + 1;
        if (scale == 0) {
          std::fill(to, to + channels, fill);
          continue;
        }
        const double inX = mapped((double{t[0]} * j + double{t[1]} * i + t[2]) / scale, width, outside);
        const double inY = mapped((double{t[3]} * j + double{t[4]} * i + t[5]) / scale, height, outside);
        if (isBilinear) bilinearPixel(picture, inY, inX, fill, to);
        else nearestPixel(picture, inY, inX, fill, to);
      }
    }
  });
  return ok;
}

/** (x, out, batch, height, width, channels, sine, cosine, centerX, centerY, fill of channels 0...3) */
KERNEL(rotate) {
  const float* x = args.floats();
  float* out = args.pointer<float>();
  const int64_t batch = args.size();
  const int64_t height = args.size(), width = args.size(), channels = args.size();
  const double sine = args.exact(), cosine = args.exact(), centerX = args.exact(), centerY = args.exact();
  const float fill[4] = {args.number(), args.number(), args.number(), args.number()};
  parallel(batch * height, callGrain / (width * channels), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const Picture picture{x + row / height * height * width * channels, height, width, channels};
      const double dy = row % height - centerY;
      for (int64_t j = 0; j < width; j++) {
        const double dx = j - centerX;
        const float* pixel = picture.at(std::floor(dx * sine + dy * cosine + centerY + 0.5),
                                        std::floor(dx * cosine - dy * sine + centerX + 0.5));
        float* to = out + (row * width + j) * channels;
        for (int64_t c = 0; c < channels; c++) to[c] = pixel == nullptr ? fill[c < 4 ? c : 3] : pixel[c];
      }
    }
  });
  return ok;
}

/**
 * (x, boxes[n, 4], indices int32[n], out[n, cropHeight, cropWidth, channels], batch, height, width, channels, n,
 * cropHeight, cropWidth, bilinear, extrapolation)
 */
KERNEL(cropAndResize) {
  const float* x = args.floats();
  const float* boxes = args.floats();
  const int32_t* indices = args.ints();
  float* out = args.pointer<float>();
  const int64_t batch = args.size();
  const int64_t height = args.size(), width = args.size(), channels = args.size();
  const int64_t n = args.size(), cropHeight = args.size(), cropWidth = args.size();
  const bool isBilinear = args.flag();
  const float outside = args.number();
  // a place along an axis of the picture, for pixel `i` of the box between `low` and `high`
  const auto place = [](double low, double high, int64_t i, int64_t crop, int64_t size) {
    return crop > 1 ? low * (size - 1) + i * ((high - low) * (size - 1) / (crop - 1)) : 0.5 * (low + high) * (size - 1);
  };
  parallel(n * cropHeight, callGrain / (cropWidth * channels), [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t b = row / cropHeight;
      float* to = out + row * cropWidth * channels;
      if (indices[b] < 0 || indices[b] >= batch) {
        std::fill(to, to + cropWidth * channels, 0.0f);
        continue;
      }
      const Picture picture{x + indices[b] * height * width * channels, height, width, channels};
      const float* box = boxes + b * 4;
      const double y = place(box[0], box[2], row % cropHeight, cropHeight, height);
      for (int64_t j = 0; j < cropWidth; j++, to += channels) {
        const double inX = place(box[1], box[3], j, cropWidth, width);
        const bool inside = y >= 0 && y <= height - 1 && inX >= 0 && inX <= width - 1;
        if (!inside) std::fill(to, to + channels, outside);
        else if (isBilinear) bilinearPixel(picture, y, inX, 0, to);
        else nearestPixel(picture, y, inX, 0, to);
      }
    }
  });
  return ok;
}

}  // namespace layerwise
