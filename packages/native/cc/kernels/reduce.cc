// Sum, mean, largest, smallest, product, all, any: (x[outer, size, inner], out[outer, inner], outer, size, inner).
#include "reduce.h"

#include <cmath>

#include "elementwise.h"

namespace layerwise {
namespace {

/** Wraps around. */
struct IntSumOp {
  using T = int32_t;
  using Wide = int32_t;
  static constexpr int32_t identity = 0;
  static IntVec combine(IntVec a, IntVec b) {
    typedef uint32_t Bits __attribute__((vector_size(LAYERWISE_VECTOR_BYTES)));
    return reinterpret_cast<IntVec>(reinterpret_cast<Bits>(a) + reinterpret_cast<Bits>(b));
  }
  static int32_t join(int32_t a, int32_t b) {
    return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
  }
};

/** NaN if there is one, as tfjs has it. */
struct MaxOp {
  using T = float;
  using Wide = float;
  static constexpr float identity = -INFINITY;
  static Vec combine(Vec a, Vec b) { return select((b > a) | (b != b), b, a); }
  static float join(float a, float b) { return b > a || b != b ? b : a; }
};
struct MinOp {
  using T = float;
  using Wide = float;
  static constexpr float identity = INFINITY;
  static Vec combine(Vec a, Vec b) { return select((b < a) | (b != b), b, a); }
  static float join(float a, float b) { return b < a || b != b ? b : a; }
};
struct IntMaxOp {
  using T = int32_t;
  using Wide = int32_t;
  static constexpr int32_t identity = INT32_MIN;
  static IntVec combine(IntVec a, IntVec b) { return b > a ? b : a; }
  static int32_t join(int32_t a, int32_t b) { return b > a ? b : a; }
};
struct IntMinOp {
  using T = int32_t;
  using Wide = int32_t;
  static constexpr int32_t identity = INT32_MAX;
  static IntVec combine(IntVec a, IntVec b) { return b < a ? b : a; }
  static int32_t join(int32_t a, int32_t b) { return b < a ? b : a; }
};

template <typename Op>
Failure reduced(Args args) {
  using T = typename Op::T;
  const T* x = args.pointer<const T>();
  T* out = args.pointer<T>();
  const ReduceShape shape{args.size(), args.size(), args.size()};
  return Reduction<Op>::run(x, out, shape, [](typename Op::Wide total) { return static_cast<T>(total); });
}

/** One result after the other, element by element: for what is rare. */
template <typename T, typename Step, typename Finish>
Failure oneByOne(Args args, double start, Step step, Finish finish) {
  const T* x = args.pointer<const T>();
  T* out = args.pointer<T>();
  const ReduceShape shape{args.size(), args.size(), args.size()};
  parallel(shape.outer * shape.inner, plainGrain / shape.size, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const T* from = x + i / shape.inner * shape.size * shape.inner + i % shape.inner;
      double total = start;
      for (int64_t k = 0; k < shape.size; k++) total = step(total, from[k * shape.inner]);
      out[i] = finish(total);
    }
  });
  return ok;
}

}  // namespace

KERNEL(sumFloat) { return reduced<SumOp>(args); }
KERNEL(sumInt) { return reduced<IntSumOp>(args); }
KERNEL(maxFloat) { return reduced<MaxOp>(args); }
KERNEL(maxInt) { return reduced<IntMaxOp>(args); }
KERNEL(minFloat) { return reduced<MinOp>(args); }
KERNEL(minInt) { return reduced<IntMinOp>(args); }

/** After the others: how many elements each mean is of, which is more than `size` if other axes were summed before. */
KERNEL(mean) {
  const float* x = args.floats();
  float* out = args.pointer<float>();
  const ReduceShape shape{args.size(), args.size(), args.size()};
  const double count = args.exact();
  return Reduction<SumOp>::run(x, out, shape, [=](double total) { return static_cast<float>(total / count); });
}

KERNEL(prodFloat) {
  return oneByOne<float>(args, 1, [](double a, float b) { return a * b; },
                         [](double total) { return static_cast<float>(total); });
}
KERNEL(prodInt) {
  return oneByOne<int32_t>(args, 1, [](double a, int32_t b) { return a * b; }, [](double total) { return toInt32(total); });
}
KERNEL(allBool) {
  return oneByOne<uint8_t>(args, 1, [](double a, uint8_t b) { return b == 0 ? 0 : a; },
                           [](double total) { return static_cast<uint8_t>(total); });
}
KERNEL(anyBool) {
  return oneByOne<uint8_t>(args, 0, [](double a, uint8_t b) { return b != 0 ? 1 : a; },
                           [](double total) { return static_cast<uint8_t>(total); });
}

}  // namespace layerwise
