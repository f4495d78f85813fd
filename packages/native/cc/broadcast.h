// Elementwise work on two tensors of which one, or each in turn, is repeated along some dimensions.
#pragma once
#include <cstdint>

#include "kernel.h"

namespace layerwise {

/** How a row function takes its operands. */
enum class Row { both, scalarB, scalarA };

/** An elementwise function of two rows of `n` elements; of a scalar operand it reads just the first. */
struct BinaryRows {
  void (*run)(const void* a, const void* b, void* out, int64_t n, Row row);
  int inBytes;
  int outBytes;
  int64_t grain;
};

/** A kernel's arguments: a, b, out, n, `Row` or 3; with 3 there follow rank, and sizes of out, a and b for each dimension. */
Failure runBinary(Args args, const BinaryRows& op);

}  // namespace layerwise
