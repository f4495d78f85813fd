// Aligned memory from the system.
#pragma once
#include <cstddef>
#include <cstdlib>

#if defined(_WIN32)
#include <malloc.h>
#elif defined(__linux__)
#include <sys/mman.h>
#endif

namespace layerwise {

/** A cache line, and the width of the widest vector register. */
constexpr size_t alignment = 64;
constexpr size_t hugePage = size_t{2} << 20;

/** Memory aligned to 64 bytes, or null. Large blocks ask for huge pages, which spare address translation. */
inline void* allocateAligned(size_t bytes) {
  const size_t align = bytes >= hugePage ? hugePage : alignment;
  const size_t rounded = (bytes + align - 1) / align * align;
  if (rounded < bytes) return nullptr;
#if defined(_WIN32)
  return _aligned_malloc(rounded, align);
#else
  void* memory = nullptr;
  if (posix_memalign(&memory, align, rounded) != 0) return nullptr;
#if defined(__linux__)
  if (align == hugePage) madvise(memory, rounded, MADV_HUGEPAGE);
#endif
  return memory;
#endif
}

inline void freeAligned(void* memory) {
#if defined(_WIN32)
  _aligned_free(memory);
#else
  std::free(memory);
#endif
}

}  // namespace layerwise
