#include "tests/e2e/harness/mute_name_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace rollcall::e2e {
namespace {

// For longer than anybody under test waits, and once.
constexpr const char* kResolvConf = "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n";
// No other source of names, such as a daemon's, whatever the machine has.
constexpr const char* kNsswitchConf = "hosts: files dns\n";

std::string Failed(const std::string& what) {
  return what + ": " + std::strerror(errno) +
         ": it takes root with CAP_SYS_ADMIN, in a container --privileged";
}

// As `ip link set lo up`.
bool RaiseLoopback() {
  const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool is_up = any >= 0 && ioctl(any, SIOCSIFFLAGS, &request) == 0;
  if (any >= 0) close(any);
  return is_up;
}

// "issuer.example" as it is in a query: each label after its length (RFC 1035 section 3.1).
std::string InQuery(const std::string& name) {
  std::string labels;
  for (size_t at = 0; at < name.size();) {
    const size_t end = std::min(name.find('.', at), name.size());
    labels += static_cast<char>(end - at);
    labels += name.substr(at, end - at);
    at = end + 1;
  }
  return labels + '\0';
}

}  // namespace

MuteNameServer::MuteNameServer() {
  std::string trouble = Enter();
  if (trouble.empty()) trouble = Listen();
  if (!trouble.empty()) ADD_FAILURE() << "no name server of the test's own: " << trouble;
}

MuteNameServer::~MuteNameServer() {
  if (socket_ >= 0) close(socket_);
  for (const std::string& file : mounted_) umount2(file.c_str(), MNT_DETACH);
}

std::string MuteNameServer::Enter() {
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return Failed("unshare");
  // What is mounted from now on is seen here alone.
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return Failed("mount of /");
  if (!Mount("resolv.conf", kResolvConf)) return Failed("mount of /etc/resolv.conf");
  if (!Mount("nsswitch.conf", kNsswitchConf)) return Failed("mount of /etc/nsswitch.conf");
  if (!RaiseLoopback()) return Failed("the loopback interface");
  return "";
}

bool MuteNameServer::Mount(const std::string& name, const std::string& text) {
  const std::string ours = dir_.Write(name, text);
  const std::string its = "/etc/" + name;
  if (mount(ours.c_str(), its.c_str(), nullptr, MS_BIND, nullptr) != 0) return false;
  mounted_.push_back(its);
  return true;
}

std::string MuteNameServer::Listen() {
  socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(53);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* const to = reinterpret_cast<const sockaddr*>(&address);
  if (socket_ < 0 || bind(socket_, to, sizeof address) != 0) return Failed("port 53 of 127.0.0.1");
  return "";
}

bool MuteNameServer::IsAskedFor(const std::string& name) {
  std::array<char, 512> query{};
  for (;;) {
    const ssize_t size = recv(socket_, query.data(), query.size(), 0);
    if (size < 0) break;
    asked_.append(query.data(), static_cast<size_t>(size));
  }
  return asked_.find(InQuery(name)) != std::string::npos;
}

}  // namespace rollcall::e2e
