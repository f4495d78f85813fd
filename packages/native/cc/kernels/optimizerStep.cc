// One optimizer step for many parameters at once, in place.
#include <algorithm>
#include <cmath>

#include "kernel.h"
#include "lanes.h"
#include "scratch.h"
#include "threads.h"

namespace layerwise {
namespace {

/** What JS wrote about one parameter: where it is, how many numbers it has, and the scalars of its step. */
struct Row {
  const double* values;
  template <typename T>
  T* pointer(int i) const {
    return reinterpret_cast<T*>(static_cast<uintptr_t>(values[i]));
  }
  float* p() const { return pointer<float>(0); }
  const float* grad() const { return pointer<const float>(1); }
  float* slot(int i) const { return pointer<float>(2 + i); }
  int64_t size() const { return static_cast<int64_t>(values[4]); }
  double scalar(int i) const { return values[5 + i]; }
};

constexpr int rowWidth = 12;

/**
 * `update(row, begin, end)` over all numbers of all parameters, shared between threads by numbers and not by
 * parameters: one may be larger than all others together.
 */
template <typename Update>
Failure eachParameter(const double* table, int64_t count, Update update) {
  int64_t* starts = static_cast<int64_t*>(scratch(sizeof(int64_t) * (count + 1)));
  if (starts == nullptr) return outOfMemory;
  starts[0] = 0;
  for (int64_t i = 0; i < count; i++) starts[i + 1] = starts[i] + Row{table + i * rowWidth}.size();
  parallel(starts[count], 1 << 16, [=](int64_t begin, int64_t end) {
    int64_t i = std::upper_bound(starts, starts + count + 1, begin) - starts - 1;
    for (; i < count && starts[i] < end; i++) {
      const int64_t from = std::max(begin, starts[i]) - starts[i];
      const int64_t to = std::min(end, starts[i + 1]) - starts[i];
      if (from < to) update(Row{table + i * rowWidth}, from, to);
    }
  });
  return ok;
}

}  // namespace

/** Table of parameters, their number; scalars keep, l2, mom, sqrMom, stepSize, eps, adapts; slots gradAvg, sqrAvg. */
KERNEL(adamStep) {
  const double* table = args.pointer<const double>();
  return eachParameter(table, args.size(), [](Row row, int64_t begin, int64_t end) {
    float* __restrict p = row.p();
    const float* __restrict grad = row.grad();
    float* __restrict m = row.slot(0);
    float* __restrict v = row.slot(1);
    const float keep = static_cast<float>(row.scalar(0));
    const float l2 = static_cast<float>(row.scalar(1));
    const float mom = static_cast<float>(row.scalar(2));
    const float freshM = static_cast<float>(1 - row.scalar(2));
    const float sqrMom = static_cast<float>(row.scalar(3));
    const float freshV = static_cast<float>(1 - row.scalar(3));
    const float stepSize = static_cast<float>(row.scalar(4));
    const float eps = static_cast<float>(row.scalar(5));
    const float adapts = static_cast<float>(row.scalar(6));
    for (int64_t i = begin; i < end; i++) {
      const float w = p[i] * keep;
      const float g = grad[i] + l2 * w;
      m[i] = mom * m[i] + freshM * g;
      v[i] = sqrMom * v[i] + freshV * g * g;
      p[i] = w - stepSize * m[i] / (adapts * std::sqrt(v[i]) + eps);
    }
  });
}

/** Table of parameters, their number; scalars keep, l2, lr, mom; slot gradAvg, or none for plain descent. */
KERNEL(sgdStep) {
  const double* table = args.pointer<const double>();
  return eachParameter(table, args.size(), [](Row row, int64_t begin, int64_t end) {
    float* p = row.p();
    const float* grad = row.grad();
    float* m = row.slot(0);
    const float keep = static_cast<float>(row.scalar(0));
    const float l2 = static_cast<float>(row.scalar(1));
    const float lr = static_cast<float>(row.scalar(2));
    const float mom = static_cast<float>(row.scalar(3));
    eachLane(begin, end, [=](int64_t i, auto lane) {
      const Vec w = lane.get(p + i) * keep;
      Vec step = lane.get(grad + i) + l2 * w;
      if (m != nullptr) {
        step = mom * lane.get(m + i) + step;
        lane.put(m + i, step);
      }
      lane.put(p + i, w - lr * step);
    });
  });
}

}  // namespace layerwise
