// A long short-term memory layer over a whole sequence, and its way back. The state's product with the recurrent
// weights, one per step, takes nearly all of the time: the weights are packed once for all steps, and each product is
// added to what the input gave, which was computed for all steps at once.
#include <algorithm>

#include "gemm.h"
#include "lanes.h"
#include "recurrent.h"
#include "vectorMath.h"

namespace layerwise {

/** x, h0, c0, wIh, wHh, bIh?, bHh?, output, h, c, gates, cells; batch, steps, inputs, width. Gates: i, f, g, o. */
KERNEL(lstm) {
  const float* x = args.floats();
  const float* h0 = args.floats();
  const float* c0 = args.floats();
  const float* wIh = args.floats();
  const float* wHh = args.floats();
  const float* bIh = args.floats();
  const float* bHh = args.floats();
  float* output = args.pointer<float>();
  float* hLast = args.pointer<float>();
  float* cLast = args.pointer<float>();
  float* gates = args.pointer<float>();
  float* cells = args.pointer<float>();
  const int64_t batch = args.size(), steps = args.size(), inputs = args.size(), width = args.size();
  const int64_t wide = 4 * width;
  float* packed = scratchFloats(packedSize(width, wide), packedSlot);
  float* bias = scratchFloats(wide, stepSlot);
  if (packed == nullptr || bias == nullptr) return outOfMemory;
  packRight(width, wide, {wHh, wide, 1}, packed);
  for (int64_t i = 0; i < wide; i++) bias[i] = (bIh == nullptr ? 0.0f : bIh[i]) + (bHh == nullptr ? 0.0f : bHh[i]);
  Epilogue addBias;
  addBias.bias = bias;
  Failure failure = multiply(batch * steps, wide, inputs, {x, inputs, 1}, {wIh, wide, 1}, gates, wide, addBias);
  Epilogue add;
  add.accumulate = true;
  for (int64_t t = 0; t < steps && failure == ok; t++) {
    const Sequence sequence{t, steps, width};
    const Matrix before = sequence.before(h0, output);
    const Matrix cellsBefore = sequence.before(c0, cells);
    failure = multiplyPacked(batch, wide, width, before, packed, gates + t * wide, steps * wide, add);
    parallel(batch, rowGrain(width), [=](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; n++) {
        float* gate = gates + (n * steps + t) * wide;
        float* h = output + (n * steps + t) * width;
        float* c = cells + (n * steps + t) * width;
        const float* cBefore = cellsBefore.data + n * cellsBefore.rowStride;
        eachLane(0, width, [=](int64_t k, auto lane) {
          const Vec i = sigmoid(lane.get(gate + k));
          const Vec f = sigmoid(lane.get(gate + width + k));
          const Vec g = tanh(lane.get(gate + 2 * width + k));
          const Vec o = sigmoid(lane.get(gate + 3 * width + k));
          const Vec cell = f * lane.get(cBefore + k) + i * g;
          lane.put(gate + k, i);
          lane.put(gate + width + k, f);
          lane.put(gate + 2 * width + k, g);
          lane.put(gate + 3 * width + k, o);
          lane.put(c + k, cell);
          lane.put(h + k, o * tanh(cell));
        });
      }
    });
  }
  copyLast(output, batch, steps, width, hLast);
  copyLast(cells, batch, steps, width, cLast);
  return failure;
}

/** gates, cells, c0, wHh, dOutput, dh, dc, dGates, dh0, dc0; batch, steps, width. */
KERNEL(lstmGrad) {
  const float* gates = args.floats();
  const float* cells = args.floats();
  const float* c0 = args.floats();
  const float* wHh = args.floats();
  const float* dOutput = args.floats();
  const float* dh = args.floats();
  const float* dc = args.floats();
  float* dGates = args.pointer<float>();
  float* dhNext = args.pointer<float>();  // at the end, that of the initial state
  float* dcNext = args.pointer<float>();
  const int64_t batch = args.size(), steps = args.size(), width = args.size();
  const int64_t wide = 4 * width;
  float* packed = scratchFloats(packedSize(wide, width), packedSlot);
  if (packed == nullptr) return outOfMemory;
  packRight(wide, width, {wHh, 1, wide}, packed);
  std::copy(dh, dh + batch * width, dhNext);
  std::copy(dc, dc + batch * width, dcNext);
  Failure failure = ok;
  for (int64_t t = steps - 1; t >= 0 && failure == ok; t--) {
    const Matrix cellsBefore = Sequence{t, steps, width}.before(c0, cells);
    parallel(batch, rowGrain(width), [=](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; n++) {
        const float* gate = gates + (n * steps + t) * wide;
        const float* c = cells + (n * steps + t) * width;
        const float* cBefore = cellsBefore.data + n * cellsBefore.rowStride;
        const float* slope = dOutput + (n * steps + t) * width;
        float* out = dGates + (n * steps + t) * wide;
        eachLane(0, width, [=](int64_t k, auto lane) {
          const Vec i = lane.get(gate + k);
          const Vec f = lane.get(gate + width + k);
          const Vec g = lane.get(gate + 2 * width + k);
          const Vec o = lane.get(gate + 3 * width + k);
          const Vec tanhC = tanh(lane.get(c + k));
          const Vec dhHere = lane.get(dhNext + n * width + k) + lane.get(slope + k);
          const Vec dcHere = lane.get(dcNext + n * width + k) + dhHere * o * (1.0f - tanhC * tanhC);
          lane.put(out + k, dcHere * g * i * (1.0f - i));
          lane.put(out + width + k, dcHere * lane.get(cBefore + k) * f * (1.0f - f));
          lane.put(out + 2 * width + k, dcHere * i * (1.0f - g * g));
          lane.put(out + 3 * width + k, dhHere * tanhC * o * (1.0f - o));
          lane.put(dcNext + n * width + k, dcHere * f);
        });
      }
    });
    failure = multiplyPacked(batch, width, wide, {dGates + t * wide, steps * wide, 1}, packed, dhNext, width);
  }
  return failure;
}

}  // namespace layerwise
