// Certificates of a test, made with the openssl command: an authority, and what it signs. Files in
// the test's directory. Only the test's main thread may make them (see Process).
#pragma once

#include <string>
#include <vector>

#include "tests/e2e/harness/files.h"

namespace rollcall::e2e {

// PEM files.
struct KeyPair {
  std::string certificate;
  std::string key;
};

class Authority {
 public:
  // Signed by itself. Its files begin with `name`; `dir` outlives it.
  explicit Authority(const TempDir& dir, const std::string& name = "ca");
  // Signed by `parent`; its file holds its own certificate alone.
  Authority(const Authority& parent, const std::string& name);

  struct Wish {
    std::string name;     // what its files begin with
    std::string subject;  // "/CN=web"
    std::string extensions = "extendedKeyUsage=serverAuth,clientAuth\n";
    int days = 2;  // -1: it has expired
  };
  KeyPair Sign(const Wish& wish) const;
  // For a server that is asked at 127.0.0.1, ::1 or localhost.
  KeyPair SignServer(const std::string& name = "server") const;

  const std::string& file() const { return own_.certificate; }

 private:
  const TempDir& dir_;
  const KeyPair own_;
};

// Runs openssl, expects that it succeeds; its output.
std::string Openssl(const TempDir& dir, std::vector<std::string> arguments);

}  // namespace rollcall::e2e
