// HeadToken: what a transaction writes to the log's head, "<run>-<proposal>": the 16 hex digits of
// one run of one server, and the number that it gave to the write, in decimal. So it tells each
// write from every other, and a server its own from those of others. Plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "registry/store/shared_log.h"

namespace rollcall::store {

struct HeadToken {
  uint64_t run = 0;
  ProposalId proposal = 0;

  std::string Text() const;
  // None for what no server writes.
  static std::optional<HeadToken> Parse(std::string_view text);
  friend bool operator==(const HeadToken&, const HeadToken&) = default;
};

}  // namespace rollcall::store
