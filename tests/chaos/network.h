// A network of hosts that no one else sees: network namespaces, each joined by a pair of virtual
// interfaces to the test's own, which passes packets from one to the other. Any way from one host
// to another can be cut by itself: packets are lost on their way, as in a real network, and nobody
// is told. The test itself reaches every host at all times.
//
// All of it lies in namespaces of the test's process and goes with it, however it ends; any number
// of tests can have the same names and addresses at once. Needs root, iproute2 and nsenter.
// The test's main thread's alone, before it has started any other.
#pragma once

#include <string>
#include <vector>

#include "tests/e2e/harness/files.h"

namespace rollcall::chaos {

class Network {
 public:
  // The calling thread, and those that it starts from now on, leave the machine's network for good.
  // What is missing is a test failure that says so, and good() is false.
  explicit Network(const std::vector<std::string>& hosts);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  bool good() const { return is_good_; }

  std::string Address(size_t host) const;
  // What runs a command on a host, when it is put in front of it.
  std::vector<std::string> On(size_t host) const;

  void Cut(size_t from, size_t to);
  void HealAll();

 private:
  bool Enter();
  bool AddHost(size_t host);
  bool Run(const std::string& what, std::vector<std::string> command);
  bool Fail(const std::string& what, const std::string& why);

  const e2e::TempDir dir_;
  const std::vector<std::string> hosts_;
  std::vector<std::vector<std::string>> cuts_;  // the rules that are there
  bool is_good_ = false;
};

}  // namespace rollcall::chaos
