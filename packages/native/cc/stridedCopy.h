// Copies between two layouts of the same numbers: what transposing, slicing, padding, tiling and joining come down to.
#pragma once
#include <cstdint>

namespace layerwise {

constexpr int maxCopyRank = 12;

/** Sizes, and how far neighbors are apart, in elements: 0 repeats what is read, negative numbers go backwards. */
struct CopyDims {
  int rank = 0;
  int64_t size[maxCopyRank];
  int64_t to[maxCopyRank];
  int64_t from[maxCopyRank];
};

/** Copies elements of 4 bytes or 1. */
void copyStrided(void* to, const void* from, CopyDims dims, int bytes);

}  // namespace layerwise
