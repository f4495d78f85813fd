// What happens to a product's sums before they are the result: bias and activation.
#pragma once
#include <cstdint>

#include "kernel.h"

namespace layerwise {

/** Numbered as `activations` in src/kernels/epilogue.ts. */
enum class Activation { none, relu, relu6, leakyRelu, elu, sigmoid };

struct Epilogue {
  /** Add to what the result holds. */
  bool accumulate = false;
  /** One per column, added; or null. */
  const float* bias = nullptr;
  Activation activation = Activation::none;
  /** Slope of leakyRelu below 0. */
  float slope = 0;
  /** Slopes of leakyRelu, one per column, instead of `slope`; or null. */
  const float* slopes = nullptr;

  bool changes() const { return bias != nullptr || activation != Activation::none; }

  /** As the columns from `column` on see it. */
  Epilogue from(int64_t column) const {
    Epilogue part = *this;
    if (bias != nullptr) part.bias += column;
    if (slopes != nullptr) part.slopes += column;
    return part;
  }
};

/** Reads the four arguments that `epilogueArgs` in src/kernels/epilogue.ts writes. */
inline Epilogue readEpilogue(Args& args) {
  Epilogue epilogue;
  epilogue.bias = args.floats();
  epilogue.activation = static_cast<Activation>(args.size());
  epilogue.slope = args.number();
  epilogue.slopes = args.floats();
  return epilogue;
}

/** Adds the bias and applies the activation to `rows` x `columns` numbers, each row anywhere. */
void finish(const Epilogue& epilogue, int64_t rows, int64_t columns, float* const* out, int64_t firstColumn);

}  // namespace layerwise
