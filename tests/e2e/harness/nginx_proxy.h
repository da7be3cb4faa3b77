// A real nginx that passes requests on to web.service.consul, on a free port of loopback. It takes
// addresses from A records and the port from its configuration, so all backends share a port.
// The test's main thread starts and stops it.
#pragma once

#include <string>
#include <vector>

#include "tests/e2e/harness/proxy.h"

namespace rollcall::e2e {

class NginxProxy : public Proxy {
 public:
  // `nameservers`: "127.0.0.1:8600". It covers up for nothing: when the address that it was given
  // does not answer, it does not try the next one.
  void Start(const std::vector<std::string>& nameservers, int backend_port);
};

}  // namespace rollcall::e2e
