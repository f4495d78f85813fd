// What recurrent layers share. A sequence is `[batch, steps, width]`.
#pragma once
#include <algorithm>

#include "gemm.h"
#include "scratch.h"
#include "threads.h"

namespace layerwise {

/** Slots of scratch memory that products leave alone: for packed weights, and for what one step needs. */
constexpr int packedSlot = 2;
constexpr int stepSlot = 3;

/** Samples that are worth a part, of `width` states each: tens of microseconds of activations. */
inline int64_t rowGrain(int64_t width) { return std::max<int64_t>(1, (1 << 13) / std::max<int64_t>(width, 1)); }

/** A place in sequences of states. */
struct Sequence {
  int64_t t, steps, width;

  /** The states `[batch, width]` that step t starts from. */
  Matrix before(const float* initial, const float* states) const {
    if (t == 0) return {initial, width, 1};
    return {states + (t - 1) * width, steps * width, 1};
  }
};

/** The states after the last step. */
inline void copyLast(const float* states, int64_t batch, int64_t steps, int64_t width, float* last) {
  for (int64_t n = 0; n < batch; n++) {
    const float* from = states + ((n + 1) * steps - 1) * width;
    std::copy(from, from + width, last + n * width);
  }
}

}  // namespace layerwise
