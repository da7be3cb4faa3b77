// RandomSource: numbers that nobody else can foresee, for query IDs and source ports (RFC 5452
// section 9.2). A source is one worker's.
#pragma once

#include <cstdint>
#include <functional>

namespace rollcall::dns {

// Evenly distributed.
using RandomSource = std::function<uint16_t()>;

// Of the kernel's generator, with a system call for every 128 numbers. Copies draw from the same
// numbers, each of which is given out once. Throws std::system_error when the kernel has none.
RandomSource MakeKernelRandom();

}  // namespace rollcall::dns
