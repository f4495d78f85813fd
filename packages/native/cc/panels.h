// Packing: copies a block of a matrix into panels, the order in which the inner loop of a product reads it. It costs
// a read and a write per number, and pays because each number is then used again and again from the nearest cache,
// without a stride that would put all of them into the same few cache lines.
#pragma once
#include <cstdint>

namespace layerwise {

/**
 * A panel: `width` numbers (rows of a, columns of b) per step of depth. Number i of step k is
 * `from[i * across + k * along]`, for `count` <= width of them; the others are 0, or whatever is there if `across` is
 * not 1. Writes up to a vector beyond the panel's end.
 */
void packPanel(float* to, int width, int count, int64_t depth, const float* from, int64_t across, int64_t along);

/** The same from `count` rows that may lie anywhere, each with its steps side by side. */
void packRows(float* to, int width, int count, int64_t depth, const float* const* rows);

/** Numbers to leave free behind the last panel. */
constexpr int64_t panelSlack = 64;

}  // namespace layerwise
