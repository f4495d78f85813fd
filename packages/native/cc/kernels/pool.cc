// Maximum and average of windows of pictures `[batch, height, width, channels]`, and their gradients.
#include <algorithm>
#include <cmath>

#include "kernel.h"
#include "lanes.h"
#include "threads.h"

namespace layerwise {
namespace {

/** Sizes, steps and padding, in the order that JS passes them. */
struct Windows {
  int64_t batch, inHeight, inWidth, channels, outHeight, outWidth, height, width, stepY, stepX, top, left;

  explicit Windows(Args& args)
      : batch(args.size()), inHeight(args.size()), inWidth(args.size()), channels(args.size()), outHeight(args.size()),
        outWidth(args.size()), height(args.size()), width(args.size()), stepY(args.size()), stepX(args.size()),
        top(args.size()), left(args.size()) {}
};

/** What one window sees of its picture: rows `y0`...`y1`, columns `x0`...`x1`. */
struct Seen {
  int64_t y0, y1, x0, x1;

  Seen(const Windows& w, int64_t oy, int64_t ox)
      : y0(std::max<int64_t>(oy * w.stepY - w.top, 0)), y1(std::min(oy * w.stepY - w.top + w.height, w.inHeight)),
        x0(std::max<int64_t>(ox * w.stepX - w.left, 0)), x1(std::min(ox * w.stepX - w.left + w.width, w.inWidth)) {}

  int64_t count() const { return std::max<int64_t>(y1 - y0, 0) * std::max<int64_t>(x1 - x0, 0); }
};

/** `window(seen, picture, out)` for every output pixel; threads share rows of the output. */
template <typename Window>
void eachWindow(const Windows& w, const float* x, float* y, Window window) {
  const int64_t work = w.outWidth * w.channels * w.height * w.width;
  const int64_t grain = std::max<int64_t>(1, (1 << 16) / std::max<int64_t>(work, 1));
  parallel(w.batch * w.outHeight, grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const float* picture = x + row / w.outHeight * w.inHeight * w.inWidth * w.channels;
      for (int64_t ox = 0; ox < w.outWidth; ox++) {
        window(Seen(w, row % w.outHeight, ox), picture, y + (row * w.outWidth + ox) * w.channels);
      }
    }
  });
}

/**
 * Zeroes `dx`, then `spread(seen, picture offset, output offset, first channel, last channel)` for every output pixel.
 * Windows overlap, so threads share pictures and channels: a picture's channel is summed by one thread, in one order.
 */
template <typename Spread>
void eachWindowBack(const Windows& w, float* dx, Spread spread) {
  constexpr int64_t widest = 64;
  const int64_t groups = (w.channels + widest - 1) / widest;
  const int64_t pixels = w.inHeight * w.inWidth;
  parallel(w.batch * groups, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t n = i / groups;
      const int64_t c0 = i % groups * widest;
      const int64_t c1 = std::min(c0 + widest, w.channels);
      float* picture = dx + n * pixels * w.channels;
      for (int64_t pixel = 0; pixel < pixels; pixel++) {
        std::fill(picture + pixel * w.channels + c0, picture + pixel * w.channels + c1, 0.0f);
      }
      for (int64_t oy = 0; oy < w.outHeight; oy++) {
        for (int64_t ox = 0; ox < w.outWidth; ox++) {
          const int64_t out = ((n * w.outHeight + oy) * w.outWidth + ox) * w.channels;
          spread(Seen(w, oy, ox), n * pixels * w.channels, out, c0, c1);
        }
      }
    }
  });
}

}  // namespace

/** x, y, windows. NaN is never a maximum, as in tfjs. */
KERNEL(maxPool) {
  const float* x = args.floats();
  float* y = args.pointer<float>();
  const Windows w(args);
  eachWindow(w, x, y, [=](Seen seen, const float* picture, float* out) {
    eachLane(0, w.channels, [=](int64_t c, auto lane) {
      Vec best = fill(-INFINITY);
      for (int64_t iy = seen.y0; iy < seen.y1; iy++) {
        const float* from = picture + (iy * w.inWidth + seen.x0) * w.channels + c;
        for (int64_t ix = seen.x0; ix < seen.x1; ix++, from += w.channels) {
          const Vec v = lane.get(from);
          best = select(v > best, v, best);
        }
      }
      lane.put(out + c, best);
    });
  });
  return ok;
}

/** x, y, windows: the average of the pixels that a window sees, padding not counted. */
KERNEL(avgPool) {
  const float* x = args.floats();
  float* y = args.pointer<float>();
  const Windows w(args);
  eachWindow(w, x, y, [=](Seen seen, const float* picture, float* out) {
    const float count = static_cast<float>(seen.count());
    eachLane(0, w.channels, [=](int64_t c, auto lane) {
      Vec total = {};
      for (int64_t iy = seen.y0; iy < seen.y1; iy++) {
        const float* from = picture + (iy * w.inWidth + seen.x0) * w.channels + c;
        for (int64_t ix = seen.x0; ix < seen.x1; ix++, from += w.channels) total += lane.get(from);
      }
      lane.put(out + c, total / count);
    });
  });
  return ok;
}

/** x, dy, dx, windows: the gradient goes to the first of the largest pixels, as in PyTorch. */
KERNEL(maxPoolGrad) {
  const float* x = args.floats();
  const float* dy = args.floats();
  float* dx = args.pointer<float>();
  const Windows w(args);
  eachWindowBack(w, dx, [=](Seen seen, int64_t picture, int64_t out, int64_t c0, int64_t c1) {
    eachLane(c0, c1, [=](int64_t c, auto lane) {
      Vec best = fill(-INFINITY);
      IntVec place = fill(-1);
      int32_t at = 0;
      for (int64_t iy = seen.y0; iy < seen.y1; iy++) {
        const float* from = x + picture + (iy * w.inWidth + seen.x0) * w.channels + c;
        for (int64_t ix = seen.x0; ix < seen.x1; ix++, at++, from += w.channels) {
          const Vec v = lane.get(from);
          const IntVec larger = v > best;
          best = select(larger, v, best);
          place = larger ? fill(at) : place;
        }
      }
      const Vec slope = lane.get(dy + out + c);
      at = 0;
      for (int64_t iy = seen.y0; iy < seen.y1; iy++) {
        float* to = dx + picture + (iy * w.inWidth + seen.x0) * w.channels + c;
        for (int64_t ix = seen.x0; ix < seen.x1; ix++, at++, to += w.channels) {
          lane.put(to, lane.get(to) + select(place == fill(at), slope, Vec{}));
        }
      }
    });
  });
  return ok;
}

/** dy, dx, windows: every pixel of a window gets an equal share, as if it saw no padding, as in tfjs. */
KERNEL(avgPoolGrad) {
  const float* dy = args.floats();
  float* dx = args.pointer<float>();
  const Windows w(args);
  const float share = 1.0f / static_cast<float>(w.height * w.width);
  eachWindowBack(w, dx, [=](Seen seen, int64_t picture, int64_t out, int64_t c0, int64_t c1) {
    eachLane(c0, c1, [=](int64_t c, auto lane) {
      const Vec slope = lane.get(dy + out + c) * share;
      for (int64_t iy = seen.y0; iy < seen.y1; iy++) {
        float* to = dx + picture + (iy * w.inWidth + seen.x0) * w.channels + c;
        for (int64_t ix = seen.x0; ix < seen.x1; ix++, to += w.channels) lane.put(to, lane.get(to) + slope);
      }
    });
  });
  return ok;
}

}  // namespace layerwise
