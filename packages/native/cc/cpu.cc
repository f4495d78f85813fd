// An addon of its own, for any processor: it says which build of the kernels this one can run.
#include <node_api.h>

namespace {

const char* level() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  return avx512 ? "avx512" : avx2 ? "avx2" : "base";
#else
  return "base";
#endif
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value value;
  napi_create_string_utf8(env, level(), NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, exports, "level", value);
  return exports;
}
