// Gradient of a convolution by its filter: the pixels under each tap by the gradients there, summed over all places.
#include <algorithm>

#include "gemmDriver.h"
#include "patches.h"
#include "winograd.h"

namespace layerwise {

/** x: [batch, height, width, in], dy: [batch, outHeight, outWidth, out]; out: [height, width, in, out]. */
KERNEL(conv2dFilterGrad) {
  const float* x = args.floats();
  const float* dy = args.floats();
  float* out = args.pointer<float>();
  const Conv conv = readConv(args);
  const int64_t depth = conv.taps() * conv.inChannels;
  const RightMatrix right{{dy, conv.outChannels, 1}};
  const OutMatrix rows{out, conv.outChannels};
  if (conv.isPlainProduct()) {
    return multiply(depth, conv.outChannels, conv.places(), {x, 1, conv.inChannels}, {dy, conv.outChannels, 1}, out,
                    conv.outChannels);
  }
  if (winogradPays(conv)) return winogradFilterGrad(conv, x, dy, out);
  Tap* taps = static_cast<Tap*>(scratch(conv.taps() * sizeof(Tap), 3));
  if (taps == nullptr) return outOfMemory;
  forwardTaps(conv, taps);
  const Patches patches{x, conv.inHeight, conv.inWidth, conv.inChannels, conv.outHeight, conv.outWidth,
                        conv.strideY, conv.strideX, taps, conv.taps(), nullptr};
  return multiplySources(depth, conv.outChannels, conv.places(), LeftPatchesTransposed{patches}, right, rows, {});
}

}  // namespace layerwise
