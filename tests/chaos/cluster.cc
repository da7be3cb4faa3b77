#include "tests/chaos/cluster.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/http.h"

namespace rollcall::chaos {
namespace {

constexpr std::chrono::seconds kStartTimeout{30};

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (size_t i = 0; i < kHosts; ++i) names.push_back(Cluster::Name(i));
  return names;
}

}  // namespace

std::string Cluster::Name(size_t host) {
  return IsMember(host) ? "etcd" + std::to_string(host + 1)
                        : "server" + std::to_string(host - kMembers + 1);
}

Cluster::Cluster() : network_(Names()) {
  if (!network_.good()) return;
  for (size_t i = 0; i < kMembers; ++i) Start(i);
  // A server that finds no etcd when it starts says so and ends.
  if (!e2e::Eventually([&] { return FindLeader().has_value(); }, kStartTimeout)) {
    ADD_FAILURE() << "etcd has no leader";
    return;
  }
  for (size_t i = kMembers; i < kHosts; ++i) Start(i);
  for (size_t i = 0; i < kServers; ++i) {
    const bool is_ready = e2e::Eventually(
        [&] {
          e2e::Http http(ServerAddress(i), kHttpPort, std::chrono::seconds(2));
          return http.Get("/v1/catalog/nodes?consistent").ok();
        },
        kStartTimeout);
    if (!is_ready) {
      ADD_FAILURE() << Name(kMembers + i) << " did not start";
      return;
    }
  }
  is_good_ = true;
}

void Cluster::Start(size_t host) {
  std::vector<std::string> argv = network_.On(host);
  const std::vector<std::string> command =
      IsMember(host) ? MemberCommand(host) : ServerCommand(host);
  argv.insert(argv.end(), command.begin(), command.end());
  const std::string log = Name(host) + "-" + std::to_string(++runs_[host]) + ".log";
  processes_[host] = std::make_unique<e2e::Process>(
      e2e::ProcessOptions{.argv = argv, .output_path = dir_.File(log)});
}

std::optional<size_t> Cluster::FindLeader() {
  for (size_t i = 0; i < kMembers; ++i) {
    e2e::Http http(network_.Address(i), 2379, std::chrono::seconds(2));
    if (http.Get("/metrics").body.find("\netcd_server_is_leader 1") != std::string::npos) return i;
  }
  return std::nullopt;
}

std::optional<size_t> Cluster::FindOwner() {
  const std::string owner = FromEtcd("owner");  // its ID, a dot and a number
  const size_t dot = owner.rfind('.');
  if (dot == std::string::npos) return std::nullopt;
  const std::string about = FromEtcd("server/" + owner.substr(0, dot));
  for (size_t i = kMembers; i < kHosts; ++i) {
    if (about.find(network_.Address(i) + ":") != std::string::npos) return i;
  }
  return std::nullopt;
}

std::string Cluster::FromEtcd(const std::string& key) {
  return e2e::RunToEnd(
             {.argv = {"etcdctl", "--endpoints=" + Members(",", false), "--command-timeout=2s",
                       "get", "--print-value-only", "rollcall/" + key},
              .output_path = dir_.File("etcdctl.out")})
      .output;
}

std::string Cluster::Members(const std::string& separator, bool are_peers) const {
  std::string text;
  for (size_t i = 0; i < kMembers; ++i) {
    text += text.empty() ? "" : separator;
    text += are_peers ? Name(i) + "=http://" + network_.Address(i) + ":2380"
                      : network_.Address(i) + ":2379";
  }
  return text;
}

std::vector<std::string> Cluster::MemberCommand(size_t host) const {
  const std::string client = "http://" + network_.Address(host) + ":2379";
  const std::string peer = "http://" + network_.Address(host) + ":2380";
  // Nobody takes the machine's power here, and what is written outlives a process anyway.
  return {"etcd",
          "--name=" + Name(host),
          "--data-dir=" + dir_.File(Name(host) + "-data"),
          "--listen-client-urls=" + client,
          "--advertise-client-urls=" + client,
          "--listen-peer-urls=" + peer,
          "--initial-advertise-peer-urls=" + peer,
          "--initial-cluster=" + Members(",", true),
          "--unsafe-no-fsync",
          "--snapshot-count=2000",
          "--log-level=info",
          "--logger=zap",
          "--log-outputs=stderr"};
}

std::vector<std::string> Cluster::ServerCommand(size_t host) const {
  const std::string address = network_.Address(host);
  return {ROLLCALL_PROGRAM, "server",
          "--store",        "etcd://" + Members(",", false),
          "--http",         address + ":" + std::to_string(kHttpPort),
          "--dns",          address + ":8600",
          "--advertise",    address,
          "--node",         Name(host),
          "--log-level",    "debug"};
}

void Cluster::KeepLogs(const std::string& directory) const {
  for (const auto& each : std::filesystem::directory_iterator(dir_.path())) {
    if (each.path().extension() != ".log") continue;
    std::filesystem::copy_file(each.path(), directory / each.path().filename(),
                               std::filesystem::copy_options::overwrite_existing);
  }
}

}  // namespace rollcall::chaos
