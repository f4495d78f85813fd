// How the rows of a matrix are split where something is summed over them.
#pragma once
#include <algorithm>
#include <cstdint>

#include "scratch.h"
#include "threads.h"

namespace layerwise {

/**
 * A part is what one thread does at a time; each has `blocks` of rows, small enough to be read twice from the second
 * level cache, whose sums are added to the part's. Adding few numbers at a time keeps rounding errors small.
 */
struct RowParts {
  int64_t rows;
  int64_t columns;
  int64_t block;
  int64_t grain;
  int64_t count;

  RowParts(int64_t rows, int64_t columns) : rows(rows), columns(columns) {
    constexpr int64_t blockSize = 1 << 15, leastWork = 1 << 15, mostBlock = 256, mostParts = 64;
    const int64_t width = std::max<int64_t>(columns, 1);
    block = std::clamp<int64_t>(blockSize / width, 8, mostBlock);
    const int64_t fair = std::max((rows + mostParts - 1) / mostParts, leastWork / width);
    grain = std::max<int64_t>((fair + block - 1) / block, 1) * block;
    count = (rows + grain - 1) / grain;
  }

  /** `body(part, begin, end)` for every part, on several threads. */
  template <typename Body>
  void each(Body body) const {
    parallel(rows, grain, [&](int64_t begin, int64_t end) { body(begin / grain, begin, end); });
  }

  /** `body(begin, end)` for every block of a part. */
  template <typename Body>
  void eachBlock(int64_t begin, int64_t end, Body body) const {
    for (; begin < end; begin += block) body(begin, std::min(begin + block, end));
  }

  /** Rows of part `i`. */
  int64_t rowsOf(int64_t i) const { return std::min(grain, rows - i * grain); }

  /** Zeros for `each` sums per column and part, or null if there is no memory. */
  float* sums(int each, int slot = 0) const {
    const size_t size = static_cast<size_t>(count * columns * each);
    float* memory = scratchFloats(std::max<size_t>(size, 1), slot);
    if (memory != nullptr) std::fill(memory, memory + size, 0.0f);
    return memory;
  }
};

}  // namespace layerwise
