// Reductions of x[outer, size, inner] to out[outer, inner]: a row at a time where inner is 1, else columns side by side.
// What is added up in one go depends on the shape alone, never on the number of threads.
#pragma once
#include <algorithm>

#include "kernel.h"
#include "scratch.h"
#include "simd.h"
#include "threads.h"

namespace layerwise {

template <typename T>
struct Register;
template <>
struct Register<float> {
  using type = Vec;
};
template <>
struct Register<int32_t> {
  using type = IntVec;
};

struct ReduceShape {
  int64_t outer, size, inner;
};

/**
 * What a reduction `Op` says: the type `T` of its elements, `Wide` of joined partial results, `identity`, `combine` of
 * two registers and `join` of two partial results.
 */
template <typename Op>
class Reduction {
  using T = typename Op::T;
  using Wide = typename Op::Wide;
  using V = typename Register<T>::type;

 public:
  /** All of `x[n]`, in blocks so short that float sums stay precise; blocks are joined in `Wide`. */
  static Wide row(const T* x, int64_t n) {
    Wide total = Op::identity;
    for (int64_t begin = 0; begin < n; begin += rowBlock) {
      const T* from = x + begin;
      const int64_t count = std::min(rowBlock, n - begin);
      V sums[4] = {all(Op::identity), all(Op::identity), all(Op::identity), all(Op::identity)};
      int64_t i = 0;
      for (; i + 4 * lanes <= count; i += 4 * lanes) {
        for (int k = 0; k < 4; k++) sums[k] = Op::combine(sums[k], load(from + i + k * lanes));
      }
      for (; i + lanes <= count; i += lanes) sums[0] = Op::combine(sums[0], load(from + i));
      if (i < count) {
        V rest = all(Op::identity);
        std::memcpy(&rest, from + i, (count - i) * sizeof(T));
        sums[1] = Op::combine(sums[1], rest);
      }
      total = Op::join(total, across(Op::combine(Op::combine(sums[0], sums[1]), Op::combine(sums[2], sums[3]))));
    }
    return total;
  }

  /** `finish(Wide)` makes a result of what was joined. */
  template <typename Out, typename Finish>
  static Failure run(const T* x, Out* out, ReduceShape shape, Finish finish) {
    return shape.inner == 1 ? rows(x, out, shape, finish) : columns(x, out, shape, finish);
  }

 private:
  static constexpr int64_t rowBlock = 64 * lanes;
  static constexpr int64_t partSize = 1 << 16;
  static constexpr int64_t columnBlock = 4096;

  static V all(T x) { return fill(x); }

  static T across(V v) {
    T x[lanes];
    std::memcpy(x, &v, sizeof v);
    for (int width = lanes / 2; width > 0; width /= 2) {
      for (int i = 0; i < width; i++) x[i] = static_cast<T>(Op::join(x[i], x[i + width]));
    }
    return x[0];
  }

  template <typename Out, typename Finish>
  static Failure rows(const T* x, Out* out, ReduceShape shape, Finish finish) {
    const int64_t parts = (shape.size + partSize - 1) / partSize;
    if (parts <= 1) {
      parallel(shape.outer, partSize / std::max<int64_t>(shape.size, 16), [=](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; i++) out[i] = finish(row(x + i * shape.size, shape.size));
      });
      return ok;
    }
    Wide* partial = static_cast<Wide*>(scratch(shape.outer * parts * sizeof(Wide)));
    if (partial == nullptr) return outOfMemory;
    parallel(shape.outer * parts, 1, [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t start = i % parts * partSize;
        partial[i] = row(x + i / parts * shape.size + start, std::min(partSize, shape.size - start));
      }
    });
    for (int64_t i = 0; i < shape.outer; i++) {
      Wide total = Op::identity;
      for (int64_t k = 0; k < parts; k++) total = Op::join(total, partial[i * parts + k]);
      out[i] = finish(total);
    }
    return ok;
  }

  /** `sums[width] = x[rows, width]` with `stride` elements from row to row: `width` is less than a register. */
  static void narrow(const T* x, T* sums, int64_t rows, int64_t width) {
    // so many rows at a time that they fill whole registers, in which each lane then belongs to one column; blocks of
    // those are added up before they join the rest
    V wide[lanes];
    V block[lanes];
    std::fill(wide, wide + width, all(Op::identity));
    std::fill(sums, sums + width, Op::identity);
    int64_t r = 0;
    while (r + lanes <= rows) {
      const int64_t end = std::min(r + 32 * lanes, rows / lanes * lanes);
      std::fill(block, block + width, all(Op::identity));
      for (; r < end; r += lanes) {
        for (int64_t k = 0; k < width; k++) block[k] = Op::combine(block[k], load(x + r * width + k * lanes));
      }
      for (int64_t k = 0; k < width; k++) wide[k] = Op::combine(wide[k], block[k]);
    }
    T each[lanes * lanes];
    std::memcpy(each, wide, width * sizeof(V));
    for (int64_t i = 0; i < width * lanes; i++) sums[i % width] = static_cast<T>(Op::join(sums[i % width], each[i]));
    for (; r < rows; r++) {
      for (int64_t c = 0; c < width; c++) sums[c] = static_cast<T>(Op::join(sums[c], x[r * width + c]));
    }
  }

  /** `count` registers of columns, over rows in blocks of 64 whose sums are then added up. */
  template <int count>
  static void columnGroup(const T* x, T* sums, int64_t rows, int64_t stride) {
    V total[count];
    std::fill(total, total + count, all(Op::identity));
    for (int64_t begin = 0; begin < rows; begin += 64) {
      const int64_t end = std::min<int64_t>(begin + 64, rows);
      V block[count];
      std::fill(block, block + count, all(Op::identity));
      for (int64_t r = begin; r < end; r++) {
        for (int k = 0; k < count; k++) block[k] = Op::combine(block[k], load(x + r * stride + k * lanes));
      }
      for (int k = 0; k < count; k++) total[k] = Op::combine(total[k], block[k]);
    }
    for (int k = 0; k < count; k++) store(sums + k * lanes, total[k]);
  }

  /** `sums[width] = x[rows, width]` with `stride` elements from row to row. */
  static void columnSums(const T* x, T* sums, int64_t rows, int64_t width, int64_t stride) {
    if (width < lanes && stride == width) return narrow(x, sums, rows, width);
    int64_t c = 0;
    for (; c + 8 * lanes <= width; c += 8 * lanes) columnGroup<8>(x + c, sums + c, rows, stride);
    for (; c + lanes <= width; c += lanes) columnGroup<1>(x + c, sums + c, rows, stride);
    if (c == width) return;
    if (width >= lanes) return columnGroup<1>(x + width - lanes, sums + width - lanes, rows, stride);
    for (; c < width; c++) {
      sums[c] = Op::identity;
      for (int64_t r = 0; r < rows; r++) sums[c] = static_cast<T>(Op::join(sums[c], x[r * stride + c]));
    }
  }

  template <typename Out, typename Finish>
  static Failure columns(const T* x, Out* out, ReduceShape shape, Finish finish) {
    const int64_t width = std::min(shape.inner, columnBlock);
    const int64_t groups = (shape.inner + width - 1) / width;
    const int64_t rows = std::max<int64_t>(64, partSize / width);
    const int64_t parts = (shape.size + rows - 1) / rows;
    T* partial = static_cast<T*>(scratch(shape.outer * parts * shape.inner * sizeof(T)));
    if (partial == nullptr) return outOfMemory;
    const int64_t work = std::min(shape.size, rows) * width;
    parallel(shape.outer * parts * groups, partSize / work, [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t column = i % groups * width;
        const int64_t start = i / groups % parts * rows;
        const T* from = x + (i / groups / parts * shape.size + start) * shape.inner + column;
        columnSums(from, partial + i / groups * shape.inner + column, std::min(rows, shape.size - start),
                   std::min(width, shape.inner - column), shape.inner);
      }
    });
    parallel(shape.outer * shape.inner, partSize / parts, [=](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const T* from = partial + i / shape.inner * parts * shape.inner + i % shape.inner;
        Wide total = Op::identity;
        for (int64_t k = 0; k < parts; k++) total = Op::join(total, from[k * shape.inner]);
        out[i] = finish(total);
      }
    });
    return ok;
  }
};

/** A sum of floats; partial sums of thousands are joined in double precision. */
struct SumOp {
  using T = float;
  using Wide = double;
  static constexpr float identity = 0;
  static Vec combine(Vec a, Vec b) { return a + b; }
  static double join(double a, double b) { return a + b; }
};

}  // namespace layerwise
