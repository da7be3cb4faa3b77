#include "tests/registry/store/etcd/etcd_cluster.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/e2e/harness/certificates.h"
#include "tests/e2e/harness/eventually.h"

namespace rollcall::store {

using e2e::ProcessOptions;
using e2e::RunToEnd;

Certificates MakeCertificates(const e2e::TempDir& dir) {
  const e2e::Authority authority(dir);
  const e2e::KeyPair server = authority.Sign(
      {.name = "server",
       .subject = "/CN=etcd",
       .extensions =
           "subjectAltName=IP:127.0.0.1,DNS:etcd.test\nextendedKeyUsage=serverAuth,clientAuth\n"});
  const e2e::KeyPair client = authority.Sign(
      {.name = "client", .subject = "/CN=rollcall", .extensions = "extendedKeyUsage=clientAuth\n"});
  return {authority.file(), server.certificate, server.key, client.certificate, client.key};
}

EtcdCluster::EtcdCluster(size_t members, const Certificates* certificates)
    : certificates_(certificates) {
  for (size_t i = 0; i < members; ++i) {
    members_.emplace_back();
    members_.back().name = "m" + std::to_string(i);
  }
}

void EtcdCluster::Start() {
  for (size_t i = 0; i < members_.size(); ++i) Start(i);
  for (size_t i = 0; i < members_.size(); ++i) WaitUntilHealthy(i);
}

void EtcdCluster::Start(size_t member) {
  Member& m = members_[member];
  const std::string peer = "http://" + m.peer.address();
  std::vector<std::string> argv = {"etcd",
                                   "--name=" + m.name,
                                   "--data-dir=" + Data(m),
                                   "--listen-client-urls=" + Url(m),
                                   "--advertise-client-urls=" + Url(m),
                                   "--listen-peer-urls=" + peer,
                                   "--initial-advertise-peer-urls=" + peer,
                                   "--initial-cluster=" + InitialCluster(),
                                   "--unsafe-no-fsync",
                                   "--snapshot-count=1000",
                                   "--log-level=warn",
                                   "--logger=zap",
                                   "--log-outputs=stderr"};
  if (certificates_ != nullptr) {
    argv.insert(argv.end(), {"--cert-file=" + certificates_->server_file,
                             "--key-file=" + certificates_->server_key_file,
                             "--trusted-ca-file=" + certificates_->ca_file, "--client-cert-auth"});
  }
  m.process = std::make_unique<e2e::Process>(ProcessOptions{
      .argv = argv, .output_path = dir_.File(m.name + "-" + std::to_string(++m.runs) + ".log")});
}

void EtcdCluster::WaitUntilHealthy(size_t member) {
  EXPECT_TRUE(e2e::Eventually(
      [&] {
        return RunToEnd({.argv = CtlCommand({"get", "nothing"}, member),
                         .output_path = dir_.File("healthy.log")})
                   .code == 0;
      },
      std::chrono::seconds(20)))
      << members_[member].process->Output();
}

void EtcdCluster::Kill(size_t member) { members_[member].process->Kill(); }

void EtcdCluster::KillAll() {
  for (Member& each : members_) each.process->Kill();
}

std::string EtcdCluster::SaveSnapshot(const std::string& name) {
  Ctl({"snapshot", "save", dir_.File(name)});
  return dir_.File(name);
}

void EtcdCluster::RestoreSnapshot(const std::string& file) {
  for (Member& each : members_) {
    ASSERT_FALSE(each.process->Running());
    std::filesystem::remove_all(Data(each));
    Ctl({"snapshot", "restore", file, "--name=" + each.name, "--data-dir=" + Data(each),
         "--initial-cluster=" + InitialCluster(),
         "--initial-advertise-peer-urls=http://" + each.peer.address()});
  }
}

std::string EtcdCluster::Ctl(const std::vector<std::string>& arguments) {
  const e2e::Finished done =
      RunToEnd({.argv = CtlCommand(arguments, 0), .output_path = dir_.File("ctl.log")});
  EXPECT_EQ(done.code, 0) << arguments[0] << ": " << done.output;
  return done.output;
}

std::vector<std::string> EtcdCluster::CtlCommand(const std::vector<std::string>& arguments,
                                                 size_t member) {
  std::vector<std::string> argv = {"etcdctl", "--endpoints=" + Url(members_[member]),
                                   "--command-timeout=5s"};
  if (!ctl_user_.empty()) argv.push_back("--user=" + ctl_user_);
  if (certificates_ != nullptr) {
    argv.insert(argv.end(),
                {"--cacert=" + certificates_->ca_file, "--cert=" + certificates_->client_file,
                 "--key=" + certificates_->client_key_file});
  }
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

std::string EtcdCluster::InitialCluster() const {
  std::string text;
  for (const Member& each : members_) {
    text += (text.empty() ? "" : ",") + each.name + "=http://" + each.peer.address();
  }
  return text;
}

std::string EtcdCluster::Url(const Member& member) const {
  return (certificates_ == nullptr ? "http://" : "https://") + member.client.address();
}

EtcdEndpoint EtcdCluster::endpoint(size_t member) const {
  return {"127.0.0.1", static_cast<uint16_t>(members_[member].client.number())};
}

EtcdOptions EtcdCluster::options() const {
  EtcdOptions options;
  for (size_t i = 0; i < members_.size(); ++i) options.endpoints.push_back(endpoint(i));
  if (certificates_ != nullptr) {
    options.tls = EtcdTls{.ca_file = certificates_->ca_file,
                          .certificate_file = certificates_->client_file,
                          .key_file = certificates_->client_key_file,
                          .server_name = {}};
  }
  return options;
}

}  // namespace rollcall::store
