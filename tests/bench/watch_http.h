// What watch_load and watch_echo share: as much of HTTP as they speak, and how they give up.
#pragma once

#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace rollcall::bench {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kContentLength = "Content-Length";
constexpr std::string_view kIndex = "X-Consul-Index";
constexpr std::string_view kMetricsPath = "/v1/agent/metrics?format=prometheus";
// The line of the metrics that tells how many queries are parked begins with this.
constexpr std::string_view kParkedGauge = "\nrollcall_http_parked_queries ";

// Ends the program. The reason is the last line that it writes.
[[noreturn]] inline void Fail(const std::string& reason) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, reason.c_str());
  std::exit(1);
}

[[noreturn]] inline void FailWithErrno(const std::string& what) {
  Fail(what + ": " + std::strerror(errno));
}

// The number that `text` begins with; nothing when it begins with none.
inline std::optional<uint64_t> LeadingNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

// The value of a header that is a number. `head` reaches to the empty line, and spells the name as
// it is spelt here.
inline std::optional<uint64_t> HeaderNumber(std::string_view head, std::string_view name) {
  const size_t at = head.find("\r\n" + std::string(name) + ": ");
  if (at == std::string_view::npos) return std::nullopt;
  return LeadingNumber(head.substr(at + 2 + name.size() + 2));
}

// How long the message is that `received` begins with; nothing while its head is not all there.
inline std::optional<size_t> MessageBytes(std::string_view received) {
  const size_t end = received.find(kHeadEnd);
  if (end == std::string_view::npos) return std::nullopt;
  const auto body_bytes = HeaderNumber(received.substr(0, end), kContentLength);
  return end + kHeadEnd.size() + body_bytes.value_or(0);
}

// A whole message, which the socket's buffer must have room for.
inline void SendWhole(int fd, std::string_view message) {
  const ssize_t sent = send(fd, message.data(), message.size(), MSG_NOSIGNAL);
  if (sent < 0) FailWithErrno("cannot send");
  if (static_cast<size_t>(sent) != message.size()) Fail("cannot send a message at once");
}

// As many open files as the process may have. Fails when those are fewer than `needed`.
inline void AllowOpenFiles(uint64_t needed) {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) FailWithErrno("cannot ask for the limit on files");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) FailWithErrno("cannot raise the limit on files");
  if (limit.rlim_max < needed) {
    Fail(std::to_string(needed) + " open files are needed and " + std::to_string(limit.rlim_max) +
         " allowed (ulimit -Hn)");
  }
}

}  // namespace rollcall::bench
