// Whether what clients saw of one key can be explained by a single register: each write and each
// read takes effect at one moment between its beginning and its end, and a read is answered with
// what the write before it wrote. (Herlihy and Wing, "Linearizability", 1990.)
//
// The answer is exact. The search is Wing's and Gong's, made just in time as Lowe describes it
// ("Testing for linearizability", 2016): it goes through the beginnings and ends in their order and
// keeps the set of all states in which the register can be, each with those of the unfinished
// operations that have taken effect in it. Only when an operation ends are others made to take
// effect, and only as far as it needs them. What keeps the set small, without losing any answer:
// - A read takes effect as soon as it can: it changes nothing.
// - Each registration writes a value of its own. One of unknown outcome which nobody has read may
//   as well not have been made; one that somebody has read was made before that read ended.
// - Deregistrations of unknown outcome have no end, and are all alike: of two states that differ
//   only in how many of them were used, the one with fewer can do all that the other can.
// So there are at most (c + 1) * 2^c states where c writes of known outcome overlap: as many as
// there are clients. More than 64 operations at once on a key are not checked, but refused.
// Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/history.h"

namespace rollcall::chaos {

// What cannot be explained, in words; nothing when all can. All are of one key, which is absent at
// first. Reads are the consistent ones.
std::optional<std::string> FindNonlinearizable(const std::vector<Write>& writes,
                                               const std::vector<Read>& reads);

}  // namespace rollcall::chaos
