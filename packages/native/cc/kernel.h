// A kernel: a function from JS-side numbers (pointers, sizes, flags) to work on native memory.
#pragma once
#include <cstddef>
#include <cstdint>

namespace layerwise {

/** The numbers JS passed, read in order. Pointers travel as doubles: 48 bits fit exactly. */
class Args {
 public:
  explicit Args(const double* values) : next_(values) {}
  template <typename T>
  T* pointer() {
    return reinterpret_cast<T*>(static_cast<uintptr_t>(*next_++));
  }
  const float* floats() { return pointer<const float>(); }
  const int32_t* ints() { return pointer<const int32_t>(); }
  const uint8_t* bools() { return pointer<const uint8_t>(); }
  int64_t size() { return static_cast<int64_t>(*next_++); }
  bool flag() { return *next_++ != 0; }
  float number() { return static_cast<float>(*next_++); }
  double exact() { return *next_++; }

 private:
  const double* next_;
};

/** What a kernel returns: null, or what went wrong, in words for the user. */
using Failure = const char*;
constexpr Failure ok = nullptr;
constexpr Failure outOfMemory = "out of memory";

using Kernel = Failure (*)(Args);

/** Puts a kernel on the list that JS looks names up in. Made at load time by KERNEL below. */
struct KernelEntry {
  const char* name;
  Kernel kernel;
  KernelEntry* next;
  static KernelEntry* first;
  KernelEntry(const char* name, Kernel kernel) : name(name), kernel(kernel), next(first) { first = this; }
};

}  // namespace layerwise

/** `KERNEL(relu) { ...uses `args`, returns ok or a Failure... }` */
#define KERNEL(NAME)                                                        \
  static ::layerwise::Failure NAME##Kernel(::layerwise::Args args);         \
  static ::layerwise::KernelEntry NAME##Entry(#NAME, NAME##Kernel);         \
  static ::layerwise::Failure NAME##Kernel([[maybe_unused]] ::layerwise::Args args)
