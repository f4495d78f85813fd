#include "stridedCopy.h"

#include <algorithm>
#include <cstring>

#include "threads.h"

namespace layerwise {
namespace {

constexpr int64_t partSize = 1 << 16;

/** Without dimensions of size 1, and with neighbors that follow each other in both layouts as one. */
CopyDims collapsed(const CopyDims& dims) {
  CopyDims result;
  for (int i = 0; i < dims.rank; i++) {
    if (dims.size[i] == 1) continue;
    const int last = result.rank - 1;
    if (last >= 0 && result.to[last] == dims.to[i] * dims.size[i] && result.from[last] == dims.from[i] * dims.size[i]) {
      result.size[last] *= dims.size[i];
      result.to[last] = dims.to[i];
      result.from[last] = dims.from[i];
      continue;
    }
    result.size[result.rank] = dims.size[i];
    result.to[result.rank] = dims.to[i];
    result.from[result.rank] = dims.from[i];
    result.rank++;
  }
  return result;
}

void move(CopyDims& dims, int place, int target) {
  for (int64_t* values : {dims.size, dims.to, dims.from}) {
    if (place < target) std::rotate(values + place, values + place + 1, values + target + 1);
    else std::rotate(values + target, values + place, values + place + 1);
  }
}

/** How the innermost dimensions are walked. */
enum class Inner { row, repeated, transposed, apart };

template <typename T>
void copyRow(T* to, const T* from, int64_t n) {
  if (n >= 64) {
    std::memcpy(to, from, n * sizeof(T));
  } else {
    for (int64_t i = 0; i < n; i++) to[i] = from[i];
  }
}

typedef uint32_t Four __attribute__((vector_size(16)));

/** 4 x 4 words: rows become columns. */
inline void transposeFour(uint32_t* to, int64_t toStride, const uint32_t* from, int64_t fromStride) {
  Four r[4];
  for (int i = 0; i < 4; i++) std::memcpy(&r[i], from + i * fromStride, 16);
  const Four a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5), b = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
  const Four c = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5), d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
  const Four columns[4] = {__builtin_shufflevector(a, c, 0, 1, 4, 5), __builtin_shufflevector(a, c, 2, 3, 6, 7),
                           __builtin_shufflevector(b, d, 0, 1, 4, 5), __builtin_shufflevector(b, d, 2, 3, 6, 7)};
  for (int i = 0; i < 4; i++) std::memcpy(to + i * toStride, &columns[i], 16);
}

/** `to[i * toStride + j] = from[j * fromStride + i]`, in tiles whose lines stay in the first-level cache. */
template <typename T>
void transpose(T* to, int64_t toStride, const T* from, int64_t fromStride, int64_t rows, int64_t columns) {
  constexpr int64_t tile = 16;
  for (int64_t top = 0; top < rows; top += tile) {
    const int64_t bottom = std::min(top + tile, rows);
    for (int64_t left = 0; left < columns; left += tile) {
      const int64_t right = std::min(left + tile, columns);
      int64_t i = top;
      if constexpr (sizeof(T) == 4) {
        for (; i + 4 <= bottom; i += 4) {
          int64_t j = left;
          for (; j + 4 <= right; j += 4) {
            transposeFour(to + i * toStride + j, toStride, from + j * fromStride + i, fromStride);
          }
          for (; j < right; j++) {
            for (int k = 0; k < 4; k++) to[(i + k) * toStride + j] = from[j * fromStride + i + k];
          }
        }
      }
      for (; i < bottom; i++) {
        for (int64_t j = left; j < right; j++) to[i * toStride + j] = from[j * fromStride + i];
      }
    }
  }
}

template <typename T>
void copyInner(T* to, const T* from, const CopyDims& dims, Inner inner) {
  const int last = dims.rank - 1;
  const int64_t n = dims.size[last];
  switch (inner) {
    case Inner::row:
      return copyRow(to, from, n);
    case Inner::repeated:
      std::fill(to, to + n, *from);
      return;
    case Inner::transposed:
      return transpose(to, dims.to[last - 1], from, dims.from[last], dims.size[last - 1], n);
    case Inner::apart:
      for (int64_t i = 0; i < n; i++) to[i * dims.to[last]] = from[i * dims.from[last]];
  }
}

template <typename T>
void copyFrom(T* to, const T* from, const CopyDims& dims, Inner inner, int dim) {
  if (dim == dims.rank - (inner == Inner::transposed ? 2 : 1)) return copyInner(to, from, dims, inner);
  for (int64_t i = 0; i < dims.size[dim]; i++) {
    copyFrom(to + i * dims.to[dim], from + i * dims.from[dim], dims, inner, dim + 1);
  }
}

template <typename T>
void copyAll(T* to, const T* from, const CopyDims& dims, Inner inner) {
  int64_t total = 1;
  for (int i = 0; i < dims.rank; i++) total *= dims.size[i];
  // threads share the longest dimension
  const int split = static_cast<int>(std::max_element(dims.size, dims.size + dims.rank) - dims.size);
  const int64_t grain = (partSize / (total / dims.size[split]) + 15) / 16 * 16;
  parallel(dims.size[split], grain, [=](int64_t begin, int64_t end) {
    CopyDims part = dims;
    part.size[split] = end - begin;
    copyFrom(to + begin * dims.to[split], from + begin * dims.from[split], part, inner, 0);
  });
}

}  // namespace

void copyStrided(void* to, const void* from, CopyDims dims, int bytes) {
  for (int i = 0; i < dims.rank; i++) {
    if (dims.size[i] == 0) return;
  }
  dims = collapsed(dims);
  if (dims.rank == 0) {
    std::memcpy(to, from, bytes);
    return;
  }
  const int last = dims.rank - 1;
  Inner inner = Inner::apart;
  if (dims.to[last] == 1 && dims.from[last] == 1) inner = Inner::row;
  else if (dims.to[last] == 1 && dims.from[last] == 0) inner = Inner::repeated;
  else if (dims.to[last] == 1) {
    const int64_t* next = std::find(dims.from, dims.from + last, 1);
    if (next != dims.from + last) {
      move(dims, static_cast<int>(next - dims.from), last - 1);
      inner = Inner::transposed;
    }
  }
  if (bytes == 4) copyAll(static_cast<uint32_t*>(to), static_cast<const uint32_t*>(from), dims, inner);
  else copyAll(static_cast<uint8_t*>(to), static_cast<const uint8_t*>(from), dims, inner);
}

}  // namespace layerwise
