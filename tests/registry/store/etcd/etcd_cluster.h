// Real etcds that a test starts, stops and damages, on free ports of loopback, with their data in
// the test's directory. The test's main thread's alone (see e2e::Process).
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "registry/store/etcd/options.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/port.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::store {

// Of one authority: a server's certificate for 127.0.0.1 and "etcd.test", a client's for
// "rollcall".
struct Certificates {
  std::string ca_file;
  std::string server_file, server_key_file;
  std::string client_file, client_key_file;
};
Certificates MakeCertificates(const e2e::TempDir& dir);

class EtcdCluster {
 public:
  // Does not start anything. `certificates`: clients need one of theirs.
  explicit EtcdCluster(size_t members, const Certificates* certificates = nullptr);

  // Starts all, or one, and waits until each answers.
  void Start();
  void Start(size_t member);
  void WaitUntilHealthy(size_t member);
  void Kill(size_t member);
  void KillAll();
  void Signal(size_t member, int signal) { members_[member].process->Signal(signal); }

  // Takes the member's data away, and puts those of a snapshot there. While it does not run.
  std::string SaveSnapshot(const std::string& name);
  void RestoreSnapshot(const std::string& file);

  // etcdctl, by way of the first member; its output. Expects that it succeeds.
  std::string Ctl(const std::vector<std::string>& arguments);

  // "name:password": who etcdctl is from now on.
  void SetCtlUser(const std::string& user) { ctl_user_ = user; }

  EtcdEndpoint endpoint(size_t member) const;
  std::string address(size_t member) const { return members_[member].client.address(); }
  // All endpoints; whatever else may be changed.
  EtcdOptions options() const;
  const e2e::TempDir& dir() const { return dir_; }

 private:
  struct Member {
    std::string name;
    e2e::Port client;
    e2e::Port peer;
    std::unique_ptr<e2e::Process> process;
    int runs = 0;
  };

  std::vector<std::string> CtlCommand(const std::vector<std::string>& arguments, size_t member);
  std::string InitialCluster() const;
  std::string Url(const Member& member) const;
  std::string Data(const Member& member) const { return dir_.File(member.name + "-data"); }

  const e2e::TempDir dir_;
  const Certificates* const certificates_;
  std::deque<Member> members_;
  std::string ctl_user_;
};

}  // namespace rollcall::store
