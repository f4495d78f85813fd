// Indices that choose slices of a tensor. All are checked before anything is touched.
#pragma once
#include <cstdio>
#include <initializer_list>

#include "kernel.h"

namespace layerwise {

/** Each row of `indices[count, rank]` chooses one of `slices` slices. */
class Places {
 public:
  const int32_t* indices = nullptr;
  int64_t count = 0;

  /** Reads (indices, count, slices, rank, sizes and strides of the dimensions chosen from). */
  Failure read(Args& args) {
    indices = args.ints();
    count = args.size();
    slices_ = args.size();
    rank_ = static_cast<int>(args.size());
    if (rank_ > maxRank) return "too many dimensions";
    for (int64_t* values : {size_, stride_}) {
      for (int j = 0; j < rank_; j++) values[j] = args.size();
    }
    for (int64_t i = 0; i < count; i++) {
      if (at(i) < 0 || at(i) >= slices_) return wrong(i);
    }
    return ok;
  }

  /** The slice that row `i` chooses. */
  int64_t at(int64_t i) const {
    int64_t place = 0;
    for (int j = 0; j < rank_; j++) place += indices[i * rank_ + j] * stride_[j];
    return place;
  }

 private:
  static constexpr int maxRank = 12;

  /** Says so in a text that is valid until the next wrong index on this thread. */
  Failure wrong(int64_t i) const {
    static thread_local char text[512];
    int length = std::snprintf(text, sizeof text, "Invalid indices: ");
    const auto append = [&](const char* format, long long value) {
      length += std::snprintf(text + length, sizeof text - length, format, value);
    };
    for (int j = 0; j < rank_; j++) append(j > 0 ? ",%lld" : "%lld", indices[i * rank_ + j]);
    length += std::snprintf(text + length, sizeof text - length, " does not index into ");
    for (int j = 0; j < rank_; j++) append(j > 0 ? ",%lld" : "%lld", size_[j]);
    return text;
  }

  int64_t slices_ = 0;
  int rank_ = 0;
  int64_t size_[maxRank];
  int64_t stride_[maxRank];
};

}  // namespace layerwise
