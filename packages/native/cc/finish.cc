#include "finish.h"

#include <algorithm>

#include "simd.h"
#include "vectorMath.h"

namespace layerwise {
namespace {

template <typename Function>
void eachVector(const Epilogue& epilogue, int64_t rows, int64_t columns, float* const* out, int64_t firstColumn,
                const Function& function) {
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j += lanes) {
      float* at = out[i] + firstColumn + j;
      Vec x = loadUpTo(at, columns - j);
      if (epilogue.bias != nullptr) x += loadUpTo(epilogue.bias + firstColumn + j, columns - j);
      x = function(x, firstColumn + j, columns - j);
      storeUpTo(at, x, columns - j);
    }
  }
}

}  // namespace

void finish(const Epilogue& epilogue, int64_t rows, int64_t columns, float* const* out, int64_t firstColumn) {
  const auto apply = [&](const auto& function) {
    eachVector(epilogue, rows, columns, out, firstColumn, function);
  };
  const Vec zero = {};
  switch (epilogue.activation) {
    case Activation::none: return apply([](Vec x, int64_t, int64_t) { return x; });
    case Activation::relu: return apply([=](Vec x, int64_t, int64_t) { return select(x <= zero, zero, x); });
    case Activation::relu6:
      return apply([=](Vec x, int64_t, int64_t) { return atMost(select(x <= zero, zero, x), 6); });
    case Activation::leakyRelu:
      return apply([&](Vec x, int64_t column, int64_t count) {
        const Vec slope = epilogue.slopes == nullptr ? fill(epilogue.slope) : loadUpTo(epilogue.slopes + column, count);
        return select(x < zero, slope * x, x);
      });
    case Activation::elu: return apply([=](Vec x, int64_t, int64_t) { return select(x < zero, expm1(x), x); });
    case Activation::sigmoid: return apply([](Vec x, int64_t, int64_t) { return sigmoid(x); });
  }
}

}  // namespace layerwise
