// The Node-API boundary: memory, copies in and out, and one entry for every kernel. Nothing throws across it.
#include <node_api.h>

#include <cstring>
#include <exception>
#include <new>
#include <unordered_set>
#include <vector>

#include "kernel.h"
#include "memory.h"
#include "threads.h"

namespace layerwise {

KernelEntry* KernelEntry::first = nullptr;

namespace {

/** What belongs to one JS thread. */
struct Environment {
  /** Where JS writes a kernel's arguments: an ArrayBuffer that `argsRef` keeps alive. */
  const double* args = nullptr;
  napi_ref argsRef = nullptr;
  std::vector<Kernel> kernels;
  /** Everything allocated and not freed; a thread that ends gives it back. */
  std::unordered_set<void*> blocks;
  ~Environment() {
    for (void* block : blocks) freeAligned(block);
  }
};

Environment& environmentOf(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return *static_cast<Environment*>(data);
}

template <size_t count>
struct Arguments {
  napi_value values[count] = {};
  Arguments(napi_env env, napi_callback_info info) {
    size_t given = count;
    napi_get_cb_info(env, info, &given, values, nullptr, nullptr);
  }
};

double numberOf(napi_env env, napi_value value) {
  double number = 0;
  napi_get_value_double(env, value, &number);
  return number;
}

void* pointerOf(napi_env env, napi_value value) {
  return reinterpret_cast<void*>(static_cast<uintptr_t>(numberOf(env, value)));
}

napi_value toNumber(napi_env env, double number) {
  napi_value value;
  napi_create_double(env, number, &value);
  return value;
}

napi_value toText(napi_env env, const char* text) {
  napi_value value;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  return value;
}

/** The bytes that a typed array shows. */
struct Bytes {
  void* data = nullptr;
  size_t count = 0;
};

Bytes bytesOf(napi_env env, napi_value array) {
  Bytes bytes;
  napi_typedarray_type type;
  size_t length = 0;
  if (napi_get_typedarray_info(env, array, &type, &length, &bytes.data, nullptr, nullptr) != napi_ok) return bytes;
  const bool one = type == napi_int8_array || type == napi_uint8_array || type == napi_uint8_clamped_array;
  const bool two = type == napi_int16_array || type == napi_uint16_array;
  const bool four = type == napi_int32_array || type == napi_uint32_array || type == napi_float32_array;
  bytes.count = length * (one ? 1 : two ? 2 : four ? 4 : 8);
  return bytes;
}

/** `start(buffer: ArrayBuffer): string[]`: where arguments will be, and the kernels' names, whose places are their ids. */
napi_value start(napi_env env, napi_callback_info info) {
  Arguments<1> given(env, info);
  Environment& environment = environmentOf(env);
  void* data = nullptr;
  size_t bytes = 0;
  napi_get_arraybuffer_info(env, given.values[0], &data, &bytes);
  if (environment.argsRef != nullptr) napi_delete_reference(env, environment.argsRef);
  napi_create_reference(env, given.values[0], 1, &environment.argsRef);
  environment.args = static_cast<const double*>(data);
  environment.kernels.clear();
  napi_value names;
  napi_create_array(env, &names);
  for (KernelEntry* entry = KernelEntry::first; entry != nullptr; entry = entry->next) {
    napi_set_element(env, names, static_cast<uint32_t>(environment.kernels.size()), toText(env, entry->name));
    environment.kernels.push_back(entry->kernel);
  }
  return names;
}

/** `run(id: number): string | undefined`: calls a kernel; what it returns is what went wrong. */
napi_value run(napi_env env, napi_callback_info info) {
  Arguments<1> given(env, info);
  Environment& environment = environmentOf(env);
  int32_t id = -1;
  napi_get_value_int32(env, given.values[0], &id);
  if (id < 0 || id >= static_cast<int32_t>(environment.kernels.size())) return toText(env, "no such kernel");
  Failure failure;
  try {
    failure = environment.kernels[id](Args(environment.args));
  } catch (const std::bad_alloc&) {
    failure = outOfMemory;
  } catch (const std::exception& error) {
    return toText(env, error.what());
  }
  return failure == ok ? nullptr : toText(env, failure);
}

/** `allocate(bytes: number): number`: a pointer to aligned memory, 0 if there is none. */
napi_value allocate(napi_env env, napi_callback_info info) {
  Arguments<1> given(env, info);
  const double bytes = numberOf(env, given.values[0]);
  void* block = bytes >= 0 && bytes < 9e15 ? allocateAligned(static_cast<size_t>(bytes)) : nullptr;
  if (block != nullptr) environmentOf(env).blocks.insert(block);
  return toNumber(env, static_cast<double>(reinterpret_cast<uintptr_t>(block)));
}

/** `release(pointer: number): void` */
napi_value release(napi_env env, napi_callback_info info) {
  Arguments<1> given(env, info);
  void* block = pointerOf(env, given.values[0]);
  if (environmentOf(env).blocks.erase(block) > 0) freeAligned(block);
  return nullptr;
}

/** `write(pointer: number, from: TypedArray): void` */
napi_value write(napi_env env, napi_callback_info info) {
  Arguments<2> given(env, info);
  const Bytes from = bytesOf(env, given.values[1]);
  if (from.count > 0) std::memcpy(pointerOf(env, given.values[0]), from.data, from.count);
  return nullptr;
}

/** `read(pointer: number, into: TypedArray): void` */
napi_value read(napi_env env, napi_callback_info info) {
  Arguments<2> given(env, info);
  const Bytes into = bytesOf(env, given.values[1]);
  if (into.count > 0) std::memcpy(into.data, pointerOf(env, given.values[0]), into.count);
  return nullptr;
}

/** `setThreads(count: number): void` */
napi_value setThreads(napi_env env, napi_callback_info info) {
  Arguments<1> given(env, info);
  setThreadCount(static_cast<int>(numberOf(env, given.values[0])));
  return nullptr;
}

/** `threads(): number` */
napi_value threads(napi_env env, napi_callback_info) { return toNumber(env, threadCount()); }

napi_value initialize(napi_env env, napi_value exports) {
  napi_set_instance_data(env, new Environment(), [](napi_env, void* data, void*) { delete static_cast<Environment*>(data); },
                         nullptr);
  const struct {
    const char* name;
    napi_callback function;
  } functions[] = {{"start", start}, {"run", run},     {"allocate", allocate},     {"release", release},
                   {"write", write}, {"read", read},   {"setThreads", setThreads}, {"threads", threads}};
  for (const auto& each : functions) {
    napi_value function;
    napi_create_function(env, each.name, NAPI_AUTO_LENGTH, each.function, nullptr, &function);
    napi_set_named_property(env, exports, each.name, function);
  }
  return exports;
}

}  // namespace
}  // namespace layerwise

NAPI_MODULE_INIT() { return layerwise::initialize(env, exports); }
