// A server on loopback, and the command-line clients that ask it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/dns/running_server.h"

namespace rollcall::dns {

// What `command` prints, on a shell of its own. It must end with 0.
std::string OutputOf(const std::string& command);

class ClientsFixture : public testing::Test {
 protected:
  // Each with `arguments` behind the server's address and port.
  std::string Dig(const std::string& arguments) const { return Ask("dig @127.0.0.1", arguments); }
  std::string Mdig(const std::string& arguments) const { return Ask("mdig @127.0.0.1", arguments); }
  std::string Delv(const std::string& arguments) const { return Ask("delv @127.0.0.1", arguments); }
  std::string Kdig(const std::string& arguments) const { return Ask("kdig @127.0.0.1", arguments); }
  std::string Drill(const std::string& arguments) const { return Ask("drill", arguments); }

  // "web" on n1 (127.0.0.1) and n2 (2001:db8::7), and "many" with 200 instances, on node0, node1...
  // (10.0.0.0, 10.0.0.1...).
  static std::shared_ptr<const catalog::Snapshot> Catalog();

  RunningServer server_{Catalog()};

 private:
  std::string Ask(const std::string& program, const std::string& arguments) const {
    return OutputOf(program + " -p " + std::to_string(server_.port()) + " " + arguments);
  }
};

}  // namespace rollcall::dns
