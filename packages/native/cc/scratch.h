// Working memory of a kernel, kept per thread from call to call.
#pragma once
#include <cstddef>
#include <cstdlib>

#include "memory.h"

namespace layerwise {

/**
 * At least `bytes` of memory aligned to 64 bytes, or null if there is none. Valid until the next call with the same
 * `slot` on this thread: a kernel that needs two areas at once uses two slots.
 */
inline void* scratch(size_t bytes, int slot = 0) {
  struct Area {
    void* memory = nullptr;
    size_t bytes = 0;
    ~Area() { freeAligned(memory); }
  };
  static thread_local Area areas[4];
  Area& area = areas[slot];
  if (area.bytes < bytes) {
    freeAligned(area.memory);
    area.memory = allocateAligned(bytes);
    area.bytes = area.memory == nullptr ? 0 : bytes;
  }
  return area.memory;
}

inline float* scratchFloats(size_t count, int slot = 0) { return static_cast<float*>(scratch(count * 4, slot)); }

}  // namespace layerwise
