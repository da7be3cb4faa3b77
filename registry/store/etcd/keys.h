// EtcdKeys: the keys of one log in etcd, all of which begin with its prefix.
//   format   "1 <UUID>": the format's number, and which log this is. Made by the first server, and
//            put anew by the transaction that is the first to need a higher number
//   head     put by each transaction that moves the catalog: see head_token.h
//   the rest is what the log's users write; see documents.h and shared_log.h
// Plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rollcall::store {

// The first key behind all that begin with `prefix`; "\0", which is etcd's word for "the last one",
// where there is none.
inline std::string EndOfPrefix(std::string prefix) {
  while (!prefix.empty()) {
    auto& last = prefix.back();
    if (static_cast<unsigned char>(last) != 0xff) {
      last = static_cast<char>(static_cast<unsigned char>(last) + 1);
      return prefix;
    }
    prefix.pop_back();
  }
  return std::string(1, '\0');
}

class EtcdKeys {
 public:
  explicit EtcdKeys(std::string prefix) : prefix_(std::move(prefix)) {}

  const std::string& prefix() const { return prefix_; }
  std::string end() const { return EndOfPrefix(prefix_); }
  std::string head() const { return prefix_ + "head"; }
  std::string format() const { return prefix_ + "format"; }
  std::string Full(std::string_view key) const { return prefix_ + std::string(key); }

  // What a key of etcd is called in the log. None: not one of this log's.
  std::optional<std::string_view> Short(std::string_view full) const {
    if (!full.starts_with(prefix_)) return std::nullopt;
    return full.substr(prefix_.size());
  }
  static bool IsHead(std::string_view key) { return key == "head"; }
  static bool IsFormat(std::string_view key) { return key == "format"; }

 private:
  std::string prefix_;
};

}  // namespace rollcall::store
