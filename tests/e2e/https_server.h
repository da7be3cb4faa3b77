// HttpsServer: `rollcall server` with HTTPS beside HTTP, and the certificates of both sides, as the
// tests of HTTPS need it. The test's main thread's alone (see Process).
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/harness/certificates.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/http.h"
#include "tests/e2e/harness/port.h"
#include "tests/e2e/harness/process.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {

class HttpsTest : public testing::Test {
 protected:
  // A pair's files where the server looks for them, in place of those that are there.
  void Install(const KeyPair& pair) const {
    dir_.Write("installed.pem", ReadFile(pair.certificate));
    dir_.Write("installed.key", ReadFile(pair.key));
  }
  std::string installed_certificate() const { return dir_.File("installed.pem"); }
  std::string installed_key() const { return dir_.File("installed.key"); }

  std::vector<std::string> TlsFlags() const {
    return {"--https",        https_.address(), "--tls-cert-file", installed_certificate(),
            "--tls-key-file", installed_key()};
  }
  void Start(const std::vector<std::string>& more_flags = {}) {
    std::vector<std::string> flags = TlsFlags();
    flags.insert(flags.end(), more_flags.begin(), more_flags.end());
    ASSERT_TRUE(server_.Start(flags));
  }

  // HTTPS alone, as without_http_.
  void StartWithoutHttp() {
    std::vector<std::string> argv = server_.CommandLine();
    *std::next(std::find(argv.begin(), argv.end(), "--http")) = "off";
    const std::vector<std::string> flags = TlsFlags();
    argv.insert(argv.end(), flags.begin(), flags.end());
    without_http_ = std::make_unique<Process>(
        ProcessOptions{.argv = argv, .output_path = dir_.File("without-http.log")});
    ASSERT_TRUE(Eventually([this] { return Curl({Url("/v1/status/leader")}).code == 0; }))
        << without_http_->Output();
  }

  std::string Url(const std::string& path = "") const {
    return "https://" + https_.address() + path;
  }
  Finished Run(std::vector<std::string> argv, const std::string& input = "",
               const std::vector<std::string>& environment = {}) const {
    return RunToEnd({.argv = std::move(argv),
                     .environment = environment,
                     .output_path = dir_.File("run.out"),
                     .error_path = dir_.File("run.err"),
                     .input = input});
  }
  // curl, which trusts the authority.
  Finished Curl(const std::vector<std::string>& arguments) const {
    std::vector<std::string> argv = {"curl", "-sS",      "--max-time",
                                     "15",   "--cacert", authority_.file()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return Run(argv);
  }
  // openssl s_client, which asks for one thing and reads until the server closes.
  Finished SClient(const std::vector<std::string>& arguments) const {
    std::vector<std::string> argv = {"openssl",
                                     "s_client",
                                     "-connect",
                                     https_.address(),
                                     "-CAfile",
                                     authority_.file(),
                                     "-verify_return_error",
                                     "-ign_eof"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return Run(argv, "GET /v1/status/leader HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  }
  // The value of a metric, by its whole name.
  double Metric(const std::string& name) {
    const std::string text = "\n" + server_.Get("/v1/agent/metrics?format=prometheus").body;
    const size_t at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
  }
  std::string Log() { return server_.process().Output(); }

  const TempDir dir_;
  const Authority authority_{dir_};
  const KeyPair pair_ = authority_.SignServer();
  const Port https_;
  Server server_;
  std::unique_ptr<Process> without_http_;
};

}  // namespace rollcall::e2e
