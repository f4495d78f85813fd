// Products of matrices, one or many.
#include <atomic>

#include "gemm.h"
#include "threads.h"

namespace layerwise {
namespace {

/** A product this large is shared out among the threads; of smaller ones each thread takes some. */
constexpr double sharedWork = 1 << 23;
constexpr double partWork = 1 << 20;

}  // namespace

/** a: [batchA, m, k] or [batchA, k, m], b: [batchB, k, n] or [batchB, n, k]; a batch of 1 serves all. */
KERNEL(matMul) {
  const float* a = args.floats();
  const float* b = args.floats();
  float* out = args.pointer<float>();
  int64_t batch = args.size();
  const bool sameA = args.flag(), sameB = args.flag();
  int64_t m = args.size();
  const int64_t n = args.size(), k = args.size();
  const bool transposeA = args.flag(), transposeB = args.flag();
  const Epilogue epilogue = readEpilogue(args);
  if (sameB && !sameA && !transposeA) {  // one tall matrix
    m *= batch;
    batch = 1;
  }
  const auto one = [&](int64_t i) {
    const float* left = a + (sameA ? 0 : i * m * k);
    const float* right = b + (sameB ? 0 : i * k * n);
    return multiply(m, n, k, transposeA ? Matrix{left, 1, m} : Matrix{left, k, 1},
                    transposeB ? Matrix{right, 1, k} : Matrix{right, n, 1}, out + i * m * n, n, epilogue);
  };
  const double work = static_cast<double>(m) * n * k;
  std::atomic<Failure> failure{ok};
  const auto some = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const Failure each = one(i);
      if (each != ok) failure.store(each);
    }
  };
  if (work >= sharedWork) some(0, batch);
  else parallel(batch, static_cast<int64_t>(partWork / (work + 1)) + 1, some);
  return failure.load();
}

}  // namespace layerwise
