// Questions to a DNS server, asked by the real dig.
#pragma once

#include <string>
#include <vector>

namespace rollcall::e2e {

struct DnsReply {
  std::string status;                // "NOERROR", "NXDOMAIN"...; empty: no answer
  std::vector<std::string> answers;  // the rdata of the answer section, sorted
  int ttl = -1;                      // of the last answer
  std::string cookie;                // in hex, the client's part first
  std::string extended_error;        // "3 (Stale Answer)"
};

// `name` without the last dot; `options` as dig takes them ("+tcp").
DnsReply Dig(int port, const std::string& name, const std::string& type,
             const std::vector<std::string>& options = {});

}  // namespace rollcall::e2e
