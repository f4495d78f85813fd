#include "broadcast.h"

#include <algorithm>
#include <cstring>

#include "threads.h"

namespace layerwise {
namespace {

constexpr int maxRank = 12;
/** Shorter rows are laid out side by side first: a call per row would cost more than its work. */
constexpr int64_t shortRow = 32;
constexpr int64_t blockElements = 1024;

/** Dimensions of the result from the innermost; neighbors along which both operands go the same way are one. */
struct Dims {
  int rank = 0;
  int64_t size[maxRank];
  int64_t strideA[maxRank];  // 0: repeated
  int64_t strideB[maxRank];
};

Dims collapsed(Args& args) {
  const int rank = static_cast<int>(args.size());
  int64_t size[maxRank], sizeA[maxRank], sizeB[maxRank];
  for (int64_t* sizes : {size, sizeA, sizeB}) {
    for (int i = rank - 1; i >= 0; i--) sizes[i] = args.size();
  }
  Dims dims;
  int64_t strideA = 1, strideB = 1;
  for (int i = 0; i < rank; i++) {
    if (size[i] == 1) continue;
    const int64_t a = sizeA[i] == 1 ? 0 : strideA;
    const int64_t b = sizeB[i] == 1 ? 0 : strideB;
    strideA *= sizeA[i];
    strideB *= sizeB[i];
    const int last = dims.rank - 1;
    if (last >= 0 && (a == 0) == (dims.strideA[last] == 0) && (b == 0) == (dims.strideB[last] == 0)) {
      dims.size[last] *= size[i];
      continue;
    }
    dims.size[dims.rank] = size[i];
    dims.strideA[dims.rank] = a;
    dims.strideB[dims.rank] = b;
    dims.rank++;
  }
  return dims;
}

/** A place in the result, and where its operands are. */
struct Walk {
  const Dims& dims;
  int64_t at[maxRank];
  int64_t a = 0;
  int64_t b = 0;

  Walk(const Dims& dims, int64_t index) : dims(dims) {
    for (int i = 0; i < dims.rank; i++) {
      at[i] = index % dims.size[i];
      index /= dims.size[i];
      a += at[i] * dims.strideA[i];
      b += at[i] * dims.strideB[i];
    }
  }

  int64_t restOfRow() const { return dims.size[0] - at[0]; }

  /** Goes on by at most the rest of the row. */
  void advance(int64_t count) {
    at[0] += count;
    a += count * dims.strideA[0];
    b += count * dims.strideB[0];
    for (int i = 0; i + 1 < dims.rank && at[i] == dims.size[i]; i++) {
      a += dims.strideA[i + 1] - dims.size[i] * dims.strideA[i];
      b += dims.strideB[i + 1] - dims.size[i] * dims.strideB[i];
      at[i] = 0;
      at[i + 1]++;
    }
  }
};

template <typename T>
void layRow(T* to, const T* from, int64_t n, bool repeated) {
  if (repeated) std::fill(to, to + n, *from);
  else
    for (int64_t i = 0; i < n; i++) to[i] = from[i];
}

void layRow(char* to, const char* from, int64_t n, bool repeated, int bytes) {
  if (bytes == 4) return layRow(reinterpret_cast<int32_t*>(to), reinterpret_cast<const int32_t*>(from), n, repeated);
  layRow(to, from, n, repeated);
}

struct Operands {
  const char* a;
  const char* b;
  char* out;
};

void runLongRows(const Dims& dims, const BinaryRows& op, const Operands& on, int64_t begin, int64_t end) {
  const Row row = dims.strideB[0] == 0 ? Row::scalarB : dims.strideA[0] == 0 ? Row::scalarA : Row::both;
  Walk walk(dims, begin);
  for (int64_t i = begin; i < end;) {
    const int64_t count = std::min(walk.restOfRow(), end - i);
    op.run(on.a + walk.a * op.inBytes, on.b + walk.b * op.inBytes, on.out + i * op.outBytes, count, row);
    walk.advance(count);
    i += count;
  }
}

void runShortRows(const Dims& dims, const BinaryRows& op, const Operands& on, int64_t begin, int64_t end) {
  alignas(64) char bufferA[blockElements * 4], bufferB[blockElements * 4];
  // an operand that is never repeated lies in order already
  bool wholeA = true, wholeB = true;
  for (int i = 0; i < dims.rank; i++) {
    wholeA &= dims.strideA[i] != 0;
    wholeB &= dims.strideB[i] != 0;
  }
  // one that repeats row after row looks the same in each block that holds whole rows
  const int64_t block = blockElements / dims.size[0] * dims.size[0];
  const bool sameRows = dims.rank == 2 && begin % dims.size[0] == 0;
  bool laidA = false, laidB = false;
  Walk walk(dims, begin);
  for (int64_t i = begin; i < end; i += block) {
    const int64_t count = std::min(block, end - i);
    const char* a = wholeA ? on.a + i * op.inBytes : bufferA;
    const char* b = wholeB ? on.b + i * op.inBytes : bufferB;
    const bool layA = !wholeA && !laidA, layB = !wholeB && !laidB;
    for (int64_t done = 0; done < count && (layA || layB);) {
      const int64_t n = std::min(walk.restOfRow(), count - done);
      const int64_t at = done * op.inBytes;
      if (layA) layRow(bufferA + at, on.a + walk.a * op.inBytes, n, dims.strideA[0] == 0, op.inBytes);
      if (layB) layRow(bufferB + at, on.b + walk.b * op.inBytes, n, dims.strideB[0] == 0, op.inBytes);
      walk.advance(n);
      done += n;
    }
    laidA = sameRows && dims.strideA[1] == 0;
    laidB = sameRows && dims.strideB[1] == 0;
    op.run(a, b, on.out + i * op.outBytes, count, Row::both);
  }
}

}  // namespace

Failure runBinary(Args args, const BinaryRows& op) {
  const Operands on{args.pointer<const char>(), args.pointer<const char>(), args.pointer<char>()};
  const int64_t n = args.size();
  const int kind = static_cast<int>(args.size());
  if (kind != 3) {
    const Row row = static_cast<Row>(kind);
    parallel(n, op.grain, [&](int64_t begin, int64_t end) {
      const char* a = row == Row::scalarA ? on.a : on.a + begin * op.inBytes;
      const char* b = row == Row::scalarB ? on.b : on.b + begin * op.inBytes;
      op.run(a, b, on.out + begin * op.outBytes, end - begin, row);
    });
    return ok;
  }
  const Dims dims = collapsed(args);
  const bool isShort = dims.size[0] < shortRow;
  // whole rows per part
  const int64_t grain = isShort ? op.grain / dims.size[0] * dims.size[0] : op.grain;
  parallel(n, grain, [&](int64_t begin, int64_t end) {
    if (isShort) runShortRows(dims, op, on, begin, end);
    else runLongRows(dims, op, on, begin, end);
  });
  return ok;
}

}  // namespace layerwise
