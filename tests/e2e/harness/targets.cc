#include "tests/e2e/harness/targets.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace rollcall::e2e {
namespace {

namespace fs = std::filesystem;

// Debian's clusters keep the programs of each version in a directory of its own, out of the PATH.
std::string PostgresPrograms() {
  std::error_code missing;
  std::string newest;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", missing)) {
    const std::string programs = version.path() / "bin";
    if (fs::exists(programs + "/postgres")) newest = std::max(newest, programs);
  }
  EXPECT_NE(newest, "") << "PostgreSQL is missing (scripts/install-deps test)";
  return newest;
}

}  // namespace

Certificate::Certificate(const std::string& dns_name) {
  const Finished made = RunToEnd(
      {.argv = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-days", "1", "-subj", "/CN=test", "-addext",
                "subjectAltName=DNS:" + dns_name, "-keyout", key_path(), "-out", path()},
       .output_path = dir_.File("openssl.log")});
  EXPECT_EQ(made.code, 0) << made.output;
}

void Target::Start() {
  process_ = std::make_unique<Process>(
      ProcessOptions{.argv = CommandLine(), .output_path = dir_.File("target.log")});
}

void Target::Stop() {
  ASSERT_TRUE(process_->Running()) << process_->Output();
  process_->Stop();
}

Nginx::Nginx(const Certificate& certificate) {
  std::string own_files;
  for (const char* what : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    own_files += std::string(what) + "_temp_path " + dir().File(what) + ";\n";
  }
  dir().Write("nginx.conf",
              "daemon off;\nmaster_process off;\nerror_log stderr warn;\npid " + dir().File("pid") +
                  ";\nevents {}\nhttp {\naccess_log off;\n" + own_files + "server {\nlisten " +
                  address() + ";\nlisten " + tls_address() + " ssl http2;\nssl_certificate " +
                  certificate.path() + ";\nssl_certificate_key " + certificate.key_path() +
                  ";\nlocation / { return 200 fine; }\n"
                  "location /busy { return 429; }\n}\n}\n");
}

std::vector<std::string> Nginx::CommandLine() const {
  return {"/usr/sbin/nginx", "-p", dir().path(), "-c", dir().File("nginx.conf"), "-e", "stderr"};
}

std::vector<std::string> Redis::CommandLine() const {
  return {"redis-server", "--bind", "127.0.0.1", "--port",       port(), "--dir",
          dir().path(),   "--save", "",          "--appendonly", "no"};
}

Postgres::Postgres() {
  const std::string data = dir().File("data");
  fs::create_directory(data);
  if (geteuid() == 0) {
    fs::permissions(dir().path(), fs::perms(0711));
    const Finished given =
        RunToEnd({.argv = {"chown", "postgres:", data}, .output_path = dir().File("chown.log")});
    EXPECT_EQ(given.code, 0) << given.output;
  }
  const Finished made =
      RunToEnd({.argv = Command("initdb", {"--pgdata", data, "--username", "test", "--auth",
                                           "trust", "--no-sync", "--no-locale"}),
                .output_path = dir().File("initdb.log")});
  EXPECT_EQ(made.code, 0) << made.output;
}

std::vector<std::string> Postgres::Command(const std::string& program,
                                           const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv;
  if (geteuid() == 0) {
    // Who becomes another user loses the death signal that Process has asked for.
    argv = {"setpriv",        "--reuid",     "postgres", "--regid", "postgres",
            "--clear-groups", "--pdeathsig", "KILL",     "--"};
  }
  argv.push_back(PostgresPrograms() + "/" + program);
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

std::vector<std::string> Postgres::CommandLine() const {
  return Command("postgres", {"-D", dir().File("data"), "-h", "127.0.0.1", "-p", port(), "-c",
                              "unix_socket_directories=", "-c", "fsync=off"});
}

std::vector<std::string> Nghttpd::CommandLine() const {
  // Not in the PATH of everybody.
  std::vector<std::string> argv = {"/usr/sbin/nghttpd", "-a", "127.0.0.1"};
  if (certificate_ == nullptr) argv.emplace_back("--no-tls");
  argv.push_back(port());
  if (certificate_ != nullptr) {
    argv.insert(argv.end(), {certificate_->key_path(), certificate_->path()});
  }
  return argv;
}

std::vector<std::string> Etcd::CommandLine() const {
  const std::string client = (certificate_ == nullptr ? "http://" : "https://") + address();
  const std::string peer = "http://" + peer_port_.address();
  std::vector<std::string> argv = {"etcd",
                                   "--name=test",
                                   "--data-dir=" + dir().File("data"),
                                   "--listen-client-urls=" + client,
                                   "--advertise-client-urls=" + client,
                                   "--listen-peer-urls=" + peer,
                                   "--initial-advertise-peer-urls=" + peer,
                                   "--initial-cluster=test=" + peer,
                                   "--logger=zap",
                                   "--log-outputs=stderr"};
  if (certificate_ != nullptr) {
    argv.insert(argv.end(),
                {"--cert-file", certificate_->path(), "--key-file", certificate_->key_path()});
  }
  return argv;
}

}  // namespace rollcall::e2e
