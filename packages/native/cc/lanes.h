// Rows of any length, a register's width at a time.
#pragma once
#include "simd.h"

namespace layerwise {

/** A register's worth of a row. */
struct WholeVec {
  Vec get(const float* from) const { return load(from); }
  void put(float* to, Vec v) const { store(to, v); }
  /** `v`, with zeros in lanes that the row does not have. */
  Vec keep(Vec v) const { return v; }
};

/** The last few numbers of a row. */
struct PartVec {
  int count;
  Vec get(const float* from) const { return loadPart(from, count); }
  void put(float* to, Vec v) const { storePart(to, v, count); }
  Vec keep(Vec v) const {
    float x[lanes] = {};
    storePart(x, v, count);
    return load(x);
  }
};

/** `body(i, lane)` for every register's worth of `begin`...`end`; it reads and writes through `lane`. */
template <typename Body>
inline void eachLane(int64_t begin, int64_t end, Body body) {
  int64_t i = begin;
  for (; i + lanes <= end; i += lanes) body(i, WholeVec{});
  if (i < end) body(i, PartVec{static_cast<int>(end - i)});
}

/**
 * The sum of `term(i, lane)` over all numbers of a row, in a fixed order; `term` reads at `i` through `lane.get`, and
 * must be 0 where that is.
 */
template <typename Term>
float rowSum(int64_t size, Term term) {
  constexpr int chains = 4;  // additions wait for each other: four at a time keep the processor busy
  Vec sums[chains] = {};
  int64_t i = 0;
  for (; i + chains * lanes <= size; i += chains * lanes) {
    for (int k = 0; k < chains; k++) sums[k] += term(i + k * lanes, WholeVec{});
  }
  for (; i + lanes <= size; i += lanes) sums[0] += term(i, WholeVec{});
  if (i < size) sums[1] += term(i, PartVec{static_cast<int>(size - i)});
  return sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

}  // namespace layerwise
