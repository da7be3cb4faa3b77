#include "registry/store/etcd/head_token.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace rollcall::store {
namespace {

constexpr size_t kRunDigits = 16;

}  // namespace

std::string HeadToken::Text() const {
  std::array<char, kRunDigits> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), run, 16);
  const std::string hex(digits.data(), written.ptr);
  return std::string(kRunDigits - hex.size(), '0') + hex + "-" + std::to_string(proposal);
}

std::optional<HeadToken> HeadToken::Parse(std::string_view text) {
  if (text.size() < kRunDigits + 2 || text[kRunDigits] != '-') return std::nullopt;
  HeadToken token;
  const char* const run_end = text.data() + kRunDigits;
  const char* const end = text.data() + text.size();
  const auto run = std::from_chars(text.data(), run_end, token.run, 16);
  const auto proposal = std::from_chars(run_end + 1, end, token.proposal);
  if (run.ec != std::errc() || proposal.ec != std::errc() || proposal.ptr != end) {
    return std::nullopt;
  }
  // One token has one text: capital letters, a sign or leading zeros are nobody's.
  if (run.ptr != run_end || token.Text() != text) return std::nullopt;
  return token;
}

}  // namespace rollcall::store
