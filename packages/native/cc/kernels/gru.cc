// A gated recurrent unit over a whole sequence, and its way back; see lstm.cc.
#include <algorithm>

#include "gemm.h"
#include "lanes.h"
#include "recurrent.h"
#include "vectorMath.h"

namespace layerwise {

/**
 * x, h0, wIh, wHh, bIh?, bHh?, output, h, gates, hiddenNew; batch, steps, inputs, width. Gates: r, z, n; the state's
 * share of n is kept apart, because r scales it.
 */
KERNEL(gru) {
  const float* x = args.floats();
  const float* h0 = args.floats();
  const float* wIh = args.floats();
  const float* wHh = args.floats();
  const float* bIh = args.floats();
  const float* bHh = args.floats();
  float* output = args.pointer<float>();
  float* hLast = args.pointer<float>();
  float* gates = args.pointer<float>();
  float* hiddenNew = args.pointer<float>();
  const int64_t batch = args.size(), steps = args.size(), inputs = args.size(), width = args.size();
  const int64_t wide = 3 * width;
  float* packed = scratchFloats(packedSize(width, wide), packedSlot);
  float* fromState = scratchFloats(std::max<int64_t>(batch * wide, 1), stepSlot);
  if (packed == nullptr || fromState == nullptr) return outOfMemory;
  packRight(width, wide, {wHh, wide, 1}, packed);
  Epilogue inputBias;
  inputBias.bias = bIh;
  Epilogue stateBias;
  stateBias.bias = bHh;
  Failure failure = multiply(batch * steps, wide, inputs, {x, inputs, 1}, {wIh, wide, 1}, gates, wide, inputBias);
  for (int64_t t = 0; t < steps && failure == ok; t++) {
    const Matrix before = Sequence{t, steps, width}.before(h0, output);
    failure = multiplyPacked(batch, wide, width, before, packed, fromState, wide, stateBias);
    parallel(batch, rowGrain(width), [=](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) {
        float* gate = gates + (row * steps + t) * wide;
        const float* state = fromState + row * wide;
        const float* hBefore = before.data + row * before.rowStride;
        float* h = output + (row * steps + t) * width;
        float* stateNew = hiddenNew + (row * steps + t) * width;
        eachLane(0, width, [=](int64_t k, auto lane) {
          const Vec r = sigmoid(lane.get(gate + k) + lane.get(state + k));
          const Vec z = sigmoid(lane.get(gate + width + k) + lane.get(state + width + k));
          const Vec share = lane.get(state + 2 * width + k);
          const Vec n = tanh(lane.get(gate + 2 * width + k) + r * share);
          lane.put(gate + k, r);
          lane.put(gate + width + k, z);
          lane.put(gate + 2 * width + k, n);
          lane.put(stateNew + k, share);
          lane.put(h + k, n + z * (lane.get(hBefore + k) - n));
        });
      }
    });
  }
  copyLast(output, batch, steps, width, hLast);
  return failure;
}

/** gates, hiddenNew, h0, output, wHh, dOutput, dh, dInput, dHidden, dh0; batch, steps, width. */
KERNEL(gruGrad) {
  const float* gates = args.floats();
  const float* hiddenNew = args.floats();
  const float* h0 = args.floats();
  const float* output = args.floats();
  const float* wHh = args.floats();
  const float* dOutput = args.floats();
  const float* dh = args.floats();
  float* dInput = args.pointer<float>();
  float* dHidden = args.pointer<float>();
  float* dhNext = args.pointer<float>();  // at the end, that of the initial state
  const int64_t batch = args.size(), steps = args.size(), width = args.size();
  const int64_t wide = 3 * width;
  float* packed = scratchFloats(packedSize(wide, width), packedSlot);
  if (packed == nullptr) return outOfMemory;
  packRight(wide, width, {wHh, 1, wide}, packed);
  std::copy(dh, dh + batch * width, dhNext);
  Epilogue add;
  add.accumulate = true;
  Failure failure = ok;
  for (int64_t t = steps - 1; t >= 0 && failure == ok; t--) {
    const Matrix before = Sequence{t, steps, width}.before(h0, output);
    parallel(batch, rowGrain(width), [=](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; row++) {
        const int64_t place = row * steps + t;
        const float* gate = gates + place * wide;
        const float* hBefore = before.data + row * before.rowStride;
        float* byInput = dInput + place * wide;
        float* byHidden = dHidden + place * wide;
        eachLane(0, width, [=](int64_t k, auto lane) {
          const Vec r = lane.get(gate + k);
          const Vec z = lane.get(gate + width + k);
          const Vec n = lane.get(gate + 2 * width + k);
          const Vec dhHere = lane.get(dhNext + row * width + k) + lane.get(dOutput + place * width + k);
          const Vec dn = dhHere * (1.0f - z) * (1.0f - n * n);
          const Vec dz = dhHere * (lane.get(hBefore + k) - n) * z * (1.0f - z);
          const Vec dr = dn * lane.get(hiddenNew + place * width + k) * r * (1.0f - r);
          lane.put(byInput + k, dr);
          lane.put(byInput + width + k, dz);
          lane.put(byInput + 2 * width + k, dn);
          lane.put(byHidden + k, dr);
          lane.put(byHidden + width + k, dz);
          lane.put(byHidden + 2 * width + k, dn * r);
          lane.put(dhNext + row * width + k, dhHere * z);
        });
      }
    });
    failure = multiplyPacked(batch, width, wide, {dHidden + t * wide, steps * wide, 1}, packed, dhNext, width, add);
  }
  return failure;
}

}  // namespace layerwise
