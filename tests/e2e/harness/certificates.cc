#include "tests/e2e/harness/certificates.h"

#include <gtest/gtest.h>

#include "tests/e2e/harness/process.h"

namespace rollcall::e2e {
namespace {

KeyPair FilesOf(const TempDir& dir, const std::string& name) {
  return {dir.File(name + ".pem"), dir.File(name + ".key")};
}

}  // namespace

std::string Openssl(const TempDir& dir, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  const Finished made = RunToEnd({.argv = arguments, .output_path = dir.File("openssl.log")});
  EXPECT_EQ(made.code, 0) << made.output;
  return made.output;
}

Authority::Authority(const TempDir& dir, const std::string& name)
    : dir_(dir), own_(FilesOf(dir, name)) {
  Openssl(dir, {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", own_.key, "-out", own_.certificate, "-subj", "/CN=test " + name, "-days",
                "2"});
}

Authority::Authority(const Authority& parent, const std::string& name)
    : dir_(parent.dir_),
      own_(parent.Sign({.name = name,
                        .subject = "/CN=test " + name,
                        .extensions = "basicConstraints=critical,CA:TRUE\n"
                                      "keyUsage=critical,keyCertSign\n"})) {}

KeyPair Authority::Sign(const Wish& wish) const {
  KeyPair made = FilesOf(dir_, wish.name);
  const std::string request = dir_.File(wish.name + ".csr");
  const std::string extensions = dir_.Write(wish.name + ".ext", wish.extensions);
  Openssl(dir_, {"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                 made.key, "-out", request, "-subj", wish.subject});
  Openssl(dir_, {"x509", "-req", "-in", request, "-CA", own_.certificate, "-CAkey", own_.key,
                 "-CAcreateserial", "-days", std::to_string(wish.days), "-extfile", extensions,
                 "-out", made.certificate});
  return made;
}

KeyPair Authority::SignServer(const std::string& name) const {
  return Sign({.name = name,
               .subject = "/CN=" + name,
               .extensions = "subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost\n"
                             "extendedKeyUsage=serverAuth\n"});
}

}  // namespace rollcall::e2e
