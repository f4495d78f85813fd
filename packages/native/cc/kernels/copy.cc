// Data movement: see stridedCopy.h.
#include <initializer_list>

#include "kernel.h"
#include "stridedCopy.h"

namespace layerwise {

/** (from, to, bytes per element, rank, sizes, strides of `to`, strides of `from`) */
KERNEL(copyStrided) {
  const void* from = args.pointer<const void>();
  void* to = args.pointer<void>();
  const int bytes = static_cast<int>(args.size());
  CopyDims dims;
  dims.rank = static_cast<int>(args.size());
  if (dims.rank > maxCopyRank) return "too many dimensions";
  for (int64_t* values : {dims.size, dims.to, dims.from}) {
    for (int i = 0; i < dims.rank; i++) values[i] = args.size();
  }
  copyStrided(to, from, dims, bytes);
  return ok;
}

}  // namespace layerwise
