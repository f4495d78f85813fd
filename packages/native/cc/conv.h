// Convolutions as products: the sizes, and the matrices of patches that nobody ever writes down in full.
#pragma once
#include <cstdint>
#include <initializer_list>

#include "kernel.h"

namespace layerwise {

/** Sizes of a convolution of pictures [batch, height, width, channels] by a filter [height, width, in, out]. */
struct Conv {
  int64_t batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels;
  int64_t filterHeight, filterWidth, strideY, strideX, dilationY, dilationX, top, left;

  int64_t taps() const { return filterHeight * filterWidth; }
  /** Positions of the filter, in all pictures. */
  int64_t places() const { return batch * outHeight * outWidth; }
  /** Each place sees one pixel, and each pixel is seen from one place. */
  bool isPlainProduct() const {
    return taps() == 1 && strideY == 1 && strideX == 1 && top == 0 && left == 0 && outHeight == inHeight &&
           outWidth == inWidth;
  }
};

/** Reads what `convArgs` in src/kernels/convInfo.ts writes. */
inline Conv readConv(Args& args) {
  Conv c;
  for (int64_t* field : {&c.batch, &c.inHeight, &c.inWidth, &c.inChannels, &c.outHeight, &c.outWidth, &c.outChannels,
                         &c.filterHeight, &c.filterWidth, &c.strideY, &c.strideX, &c.dilationY, &c.dilationX, &c.top,
                         &c.left}) {
    *field = args.size();
  }
  return c;
}

/** Where a number of the filter looks, from the place that it is laid on. */
struct Tap {
  int64_t y, x;
};

/** Taps of the whole filter, row by row; `to` has room for `conv.taps()`. */
inline void forwardTaps(const Conv& conv, Tap* to) {
  for (int64_t y = 0; y < conv.filterHeight; y++) {
    for (int64_t x = 0; x < conv.filterWidth; x++) {
      *to++ = {y * conv.dilationY - conv.top, x * conv.dilationX - conv.left};
    }
  }
}

}  // namespace layerwise
