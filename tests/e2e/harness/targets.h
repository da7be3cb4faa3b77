// Real programs that checks ask: started on a port of their own with their files in a directory of
// their own, stopped with SIGTERM, and started again at the same place. Starting does not wait
// until they answer: that is what the checks are to find out.
// Only the test's main thread may start and stop them (see Process).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/port.h"
#include "tests/e2e/harness/process.h"

namespace rollcall::e2e {

// A key, and a certificate of one DNS name that is signed by itself, made with openssl.
class Certificate {
 public:
  explicit Certificate(const std::string& dns_name);

  std::string key_path() const { return dir_.File("key.pem"); }
  std::string path() const { return dir_.File("certificate.pem"); }

 private:
  const TempDir dir_;
};

class Target {
 public:
  virtual ~Target() = default;
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  void Start();
  void Stop();

  // "127.0.0.1:20123", with or without TLS as the program was told.
  std::string address() const { return port_.address(); }
  std::string port() const { return port_.text(); }

 protected:
  Target() = default;
  virtual std::vector<std::string> CommandLine() const = 0;
  const TempDir& dir() const { return dir_; }

 private:
  const TempDir dir_;
  const Port port_;
  std::unique_ptr<Process> process_;
};

// Without TLS at its address, and with it at another: "/" says 200, "/busy" 429.
class Nginx : public Target {
 public:
  explicit Nginx(const Certificate& certificate);
  std::string tls_address() const { return tls_port_.address(); }

 private:
  std::vector<std::string> CommandLine() const override;
  const Port tls_port_;
};

class Redis : public Target {
  std::vector<std::string> CommandLine() const override;
};

// With the superuser "test", who needs no password. Where the test is root it runs as the user
// "postgres", because it refuses to be root.
class Postgres : public Target {
 public:
  Postgres();

 private:
  std::vector<std::string> CommandLine() const override;
  std::vector<std::string> Command(const std::string& program,
                                   const std::vector<std::string>& arguments) const;
};

// An HTTP/2 server; with TLS when there is a certificate.
class Nghttpd : public Target {
 public:
  explicit Nghttpd(const Certificate* certificate = nullptr) : certificate_(certificate) {}

 private:
  std::vector<std::string> CommandLine() const override;
  const Certificate* const certificate_;
};

// It has gRPC's health service at its address; with TLS when there is a certificate.
class Etcd : public Target {
 public:
  explicit Etcd(const Certificate* certificate = nullptr) : certificate_(certificate) {}

 private:
  std::vector<std::string> CommandLine() const override;
  const Certificate* const certificate_;
  const Port peer_port_;
};

}  // namespace rollcall::e2e
