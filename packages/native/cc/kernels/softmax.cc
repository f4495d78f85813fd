// Softmax of rows: (x[rows, size], out, rows, size).
#include <algorithm>

#include "elementwise.h"
#include "reduce.h"
#include "vectorMath.h"

namespace layerwise {

KERNEL(softmax) {
  const float* x = args.floats();
  float* out = args.pointer<float>();
  const int64_t rows = args.size();
  const int64_t size = args.size();
  parallel(rows, mathGrain / std::max<int64_t>(size, lanes), [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const float* row = x + i * size;
      float* result = out + i * size;
      float largest = row[0];
      Vec most = fill(row[0]);
      int64_t k = 0;
      for (; k + lanes <= size; k += lanes) {
        const Vec next = load(row + k);
        most = select((next > most) | (next != next), next, most);
      }
      for (int j = 0; j < lanes; j++) largest = most[j] > largest || most[j] != most[j] ? most[j] : largest;
      for (; k < size; k++) largest = row[k] > largest || row[k] != row[k] ? row[k] : largest;
      mapVectors(row, result, size, [shift = fill(largest)](Vec v) { return exp(v - shift); });
      const float total = static_cast<float>(Reduction<SumOp>::row(result, size));
      for (k = 0; k < size; k++) result[k] /= total;
    }
  });
  return ok;
}

}  // namespace layerwise
