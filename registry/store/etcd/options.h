// EtcdOptions: which etcd a log is kept in, how it is reached, and how long things may take.
// Plain values; nothing here reads a file or a name server.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/result.h"

namespace rollcall::store {

struct EtcdEndpoint {
  std::string host;  // a name or an address; IPv6 without brackets
  uint16_t port = 2379;

  // "h1:2379", "[::1]:2379"
  std::string Text() const;
  friend bool operator==(const EtcdEndpoint&, const EtcdEndpoint&) = default;
};

// Files are read anew for each connection, so that a renewed certificate needs no restart.
struct EtcdTls {
  std::string ca_file;           // PEM; empty: the system's authorities
  std::string certificate_file;  // PEM; who we are, with key_file. Both or none
  std::string key_file;
  std::string server_name;  // whom the members' certificates must name; empty: the endpoint's host
};

struct EtcdTimeouts {
  // From one question whether what is followed is current to the next.
  std::chrono::milliseconds probe_interval{1000};
  // A member that does not answer that within this time is given up for the next one.
  std::chrono::milliseconds probe_deadline{1000};
  // Of each step until a member is followed: to connect, log in, compare, open the watch.
  std::chrono::milliseconds dial{2000};
  // How long a proposal waits for etcd's answer.
  std::chrono::milliseconds proposal{5000};
  // How long a proposal waits for a member to be followed, when there is none at the moment.
  std::chrono::milliseconds hold{2000};
  // Of one page while everything is loaded.
  std::chrono::milliseconds page{20000};
  // How soon etcd forgets this server; in whole seconds, and etcd takes no less than about two.
  std::chrono::seconds lease_ttl{5};
  // How long Stop waits for etcd to give up the lease.
  std::chrono::milliseconds revoke{1000};
  // Between rounds over all endpoints while none can be followed: from the one to the other.
  std::chrono::milliseconds first_pause{100};
  std::chrono::milliseconds longest_pause{1000};
};

struct EtcdOptions {
  std::vector<EtcdEndpoint> endpoints;  // at least one
  std::string prefix = "rollcall/";     // of every key; ends with '/'
  std::string user;                     // empty: nobody in particular
  std::string password;
  std::optional<EtcdTls> tls;
  EtcdTimeouts timeouts;
};

// etcd://[user@]host[:port][,host[:port]...][/prefix], etcds:// for TLS. Port 2379 and the prefix
// "rollcall/" are what is left out; IPv6 addresses stand in brackets. kInvalidArgument names the
// part that is wrong. A password has no place in it: command lines are seen by everybody.
Result<EtcdOptions> ParseEtcdUrl(std::string_view url);

}  // namespace rollcall::store
