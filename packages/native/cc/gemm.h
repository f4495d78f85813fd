// Matrix products of floats.
#pragma once
#include <cstdint>

#include "finish.h"
#include "kernel.h"

namespace layerwise {

/** Element (i, j) is `data[i * rowStride + j * columnStride]`: swapping the strides transposes, for free. */
struct Matrix {
  const float* data;
  int64_t rowStride;
  int64_t columnStride;
};

/**
 * `out[m, n] = a[m, k] * b[k, n]`; the rows of `out` begin `outStride` apart. On all threads if there is enough to do,
 * else (or within a part of `parallel`) on this one. Threads share out the result, never a sum, so their number does
 * not change a bit. Uses the slots 0 and 1 of scratch memory. Fails only for want of memory.
 */
Failure multiply(int64_t m, int64_t n, int64_t k, Matrix a, Matrix b, float* out, int64_t outStride,
                 const Epilogue& epilogue = {});

/** How many floats `packRight` writes for `b[k, n]`. */
int64_t packedSize(int64_t k, int64_t n);

/** Puts `b[k, n]` into the order in which products read it; worth it for a matrix that is used many times. */
void packRight(int64_t k, int64_t n, Matrix b, float* packed);

/** The same product as `multiply`, bit for bit, by a matrix that `packRight` packed. Uses slot 0 of scratch memory. */
Failure multiplyPacked(int64_t m, int64_t n, int64_t k, Matrix a, const float* packed, float* out, int64_t outStride,
                       const Epilogue& epilogue = {});

}  // namespace layerwise
