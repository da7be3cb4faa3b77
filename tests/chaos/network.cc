#include "tests/chaos/network.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tests/e2e/harness/process.h"

namespace rollcall::chaos {
namespace {

constexpr const char* kNamespaces = "/run/netns";  // where `ip netns` keeps them

std::string Gateway(size_t host) { return "10.88." + std::to_string(host + 1) + ".1"; }
std::string Link(size_t host) { return "to-host" + std::to_string(host); }

}  // namespace

Network::Network(const std::vector<std::string>& hosts) : hosts_(hosts) {
  if (!Enter()) return;
  for (size_t i = 0; i < hosts_.size(); ++i) {
    if (!AddHost(i)) return;
  }
  is_good_ = true;
}

std::string Network::Address(size_t host) const {
  return "10.88." + std::to_string(host + 1) + ".2";
}

std::vector<std::string> Network::On(size_t host) const {
  return {"nsenter", "--net=" + std::string(kNamespaces) + "/" + hosts_[host], "--"};
}

bool Network::Enter() {
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) {
    return Fail("a network namespace cannot be made (unshare)",
                std::string(std::strerror(errno)) +
                    ": it takes root with CAP_SYS_ADMIN, in a container --privileged");
  }
  // What is mounted from now on is seen here alone, names of namespaces among it.
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("none", "/run", "tmpfs", 0, nullptr) != 0 || mkdir(kNamespaces, 0755) != 0) {
    return Fail("no /run of its own can be mounted", std::strerror(errno));
  }
  const int forward = open("/proc/sys/net/ipv4/ip_forward", O_WRONLY | O_CLOEXEC);
  const bool is_forwarding = forward >= 0 && write(forward, "1", 1) == 1;
  const std::string why = std::strerror(errno);
  if (forward >= 0) close(forward);
  if (!is_forwarding) return Fail("/proc/sys/net/ipv4/ip_forward cannot be written", why);
  return Run("the loopback interface", {"ip", "link", "set", "lo", "up"});
}

bool Network::AddHost(size_t host) {
  const std::string& name = hosts_[host];
  const auto in = [&](std::vector<std::string> command) {
    command.insert(command.begin(), {"ip", "-n", name});
    return Run("host " + name, std::move(command));
  };
  return Run("network namespace " + name, {"ip", "netns", "add", name}) &&
         Run("a pair of virtual interfaces (veth)",
             {"ip", "link", "add", Link(host), "type", "veth", "peer", "name", "eth0", "netns",
              name}) &&
         Run("the address of an interface",
             {"ip", "address", "add", Gateway(host) + "/24", "dev", Link(host)}) &&
         Run("an interface", {"ip", "link", "set", Link(host), "up"}) &&
         in({"address", "add", Address(host) + "/24", "dev", "eth0"}) &&
         in({"link", "set", "eth0", "up"}) && in({"link", "set", "lo", "up"}) &&
         in({"route", "add", "default", "via", Gateway(host)});
}

void Network::Cut(size_t from, size_t to) {
  // The place where packets from one host to another pass is the test's own namespace.
  const std::vector<std::string> rule = {"priority", "10",        "from",     Address(from),
                                         "to",       Address(to), "blackhole"};
  std::vector<std::string> command = {"ip", "rule", "add"};
  command.insert(command.end(), rule.begin(), rule.end());
  if (Run("a rule that drops packets", std::move(command))) cuts_.push_back(rule);
}

void Network::HealAll() {
  for (const std::vector<std::string>& rule : cuts_) {
    std::vector<std::string> command = {"ip", "rule", "del"};
    command.insert(command.end(), rule.begin(), rule.end());
    Run("the end of a rule", std::move(command));
  }
  cuts_.clear();
}

bool Network::Run(const std::string& what, std::vector<std::string> command) {
  const std::string name = command[0];
  const e2e::Finished done =
      e2e::RunToEnd({.argv = std::move(command), .output_path = dir_.File("ip.log")});
  if (done.code == 0) return true;
  if (done.code == 127) return Fail(name + " is missing", "scripts/install-deps test brings it");
  return Fail("the system does not give " + what, name + ": " + done.output);
}

bool Network::Fail(const std::string& what, const std::string& why) {
  ADD_FAILURE() << "no network of the test's own: " << what << ": " << why;
  return false;
}

}  // namespace rollcall::chaos
