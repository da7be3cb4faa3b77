// ServerCard: what a server of a shared log says of itself to the others (GroupMember::about).
// A plain value.
#pragma once

#include <string>
#include <string_view>

namespace rollcall::api {

struct ServerCard {
  std::string node;     // the name of its node in the catalog
  std::string http;     // "address:port" of its HTTP API, as the others reach it
  std::string version;  // of rollcall
  bool https = false;   // `http` is spoken to over TLS

  std::string ToText() const;
  // Fields that `text` does not say are empty, whatever it is.
  static ServerCard Parse(std::string_view text);
};

}  // namespace rollcall::api
