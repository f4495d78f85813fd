// The thread pool: one per process, as large as there are cores.
#pragma once
#include <cstdint>
#include <type_traits>

namespace layerwise {

int threadCount();
/** Takes effect with the next call of `parallel`; at least 1. */
void setThreadCount(int count);

using Part = void (*)(void* context, int64_t begin, int64_t end);
void runParallel(int64_t size, int64_t grain, Part part, void* context);

/**
 * Calls `body(begin, end)` on parts that together cover 0...size, on several threads if there is more than one part.
 * Every part but the last has `grain` elements, whatever the number of threads, so that what is computed per part (a
 * partial sum, say) never depends on it. While another JS thread has the pool, the caller does all parts itself.
 */
template <typename Body>
void parallel(int64_t size, int64_t grain, Body&& body) {
  if (size <= 0) return;
  if (grain < 1) grain = 1;
  if (size <= grain) return body(static_cast<int64_t>(0), size);
  using Type = std::remove_reference_t<Body>;
  runParallel(size, grain, [](void* context, int64_t begin, int64_t end) { (*static_cast<Type*>(context))(begin, end); },
              const_cast<std::remove_const_t<Type>*>(&body));
}

}  // namespace layerwise
