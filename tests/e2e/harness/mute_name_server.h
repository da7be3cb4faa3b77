// MuteNameServer: a name server that never answers, and the only one that there is for the thread
// which makes it, and for what that starts from then on: in a network, and with an
// /etc/resolv.conf, of its own. A lookup of a host name takes as long as the C library's patience.
// All of it goes with the process, however that ends. Needs root, and a test fails without. The
// test's main thread's alone, before it has started any other.
#pragma once

#include <string>
#include <vector>

#include "tests/e2e/harness/files.h"

namespace rollcall::e2e {

class MuteNameServer {
 public:
  // What is missing is a test failure that says so, never a test that is passed over.
  MuteNameServer();
  ~MuteNameServer();
  MuteNameServer(const MuteNameServer&) = delete;
  MuteNameServer& operator=(const MuteNameServer&) = delete;

  // Whether it has been asked for that name, and the lookup thus hangs.
  bool IsAskedFor(const std::string& name);

 private:
  // Empty: it has succeeded.
  std::string Enter();
  std::string Listen();
  // In place of that file in /etc.
  bool Mount(const std::string& name, const std::string& text);

  const TempDir dir_;
  std::vector<std::string> mounted_;
  int socket_ = -1;
  std::string asked_;  // all queries, as they came
};

}  // namespace rollcall::e2e
