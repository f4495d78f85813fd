// Convolution in two dimensions.
#include <algorithm>

#include "gemmDriver.h"
#include "patches.h"
#include "winograd.h"

namespace layerwise {

/** x: [batch, height, width, in], filter: [height, width, in, out]; bias and activation as in `readEpilogue`. */
KERNEL(conv2d) {
  const float* x = args.floats();
  const float* filter = args.floats();
  float* out = args.pointer<float>();
  const Conv conv = readConv(args);
  const Epilogue epilogue = readEpilogue(args);
  const int64_t depth = conv.taps() * conv.inChannels;
  const RightMatrix right{{filter, conv.outChannels, 1}};
  const OutMatrix rows{out, conv.outChannels};
  if (conv.isPlainProduct()) {
    return multiply(conv.places(), conv.outChannels, depth, {x, conv.inChannels, 1}, {filter, conv.outChannels, 1}, out,
                    conv.outChannels, epilogue);
  }
  if (winogradPays(conv)) return winogradConv(conv, x, filter, false, out, epilogue);
  float* zeros = scratchFloats(conv.inChannels, 2);
  Tap* taps = static_cast<Tap*>(scratch(conv.taps() * sizeof(Tap), 3));
  if (zeros == nullptr || taps == nullptr) return outOfMemory;
  std::fill(zeros, zeros + conv.inChannels, 0.0f);
  forwardTaps(conv, taps);
  const Patches patches{x, conv.inHeight, conv.inWidth, conv.inChannels, conv.outHeight, conv.outWidth,
                        conv.strideY, conv.strideX, taps, conv.taps(), zeros};
  return multiplySources(conv.places(), conv.outChannels, depth, LeftPatches{patches}, right, rows, epilogue);
}

}  // namespace layerwise
