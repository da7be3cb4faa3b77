// `rollcall tls` as a person or a script meets it: the real program in a directory of its own. Of
// one thread.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "registry/pki/authority.h"
#include "tests/e2e/harness/files.h"
#include "tests/e2e/harness/process.h"
#include "tests/registry/pki/read_back.h"

namespace rollcall::cli {

using Words = std::vector<std::string>;

class TlsFixture : public testing::Test {
 protected:
  // `before` are commands of a shell in the directory of the files.
  e2e::Finished Run(const Words& arguments, const std::string& before = "") {
    Words argv = {"sh", "-c", "cd \"$1\" && shift && " + before + " exec \"$0\" tls \"$@\"",
                  ROLLCALL_PROGRAM, files_.path()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return e2e::RunToEnd(
        {.argv = std::move(argv), .output_path = dir_.File("out"), .error_path = dir_.File("err")});
  }
  e2e::Finished CreateCa(Words arguments = {}) {
    arguments.insert(arguments.begin(), {"ca", "create"});
    return Run(arguments);
  }
  e2e::Finished CreateCert(Words arguments) {
    arguments.insert(arguments.begin(), {"cert", "create"});
    return Run(arguments);
  }

  // Sorted.
  Words Files() const {
    Words names;
    for (const auto& entry : std::filesystem::directory_iterator(files_.path())) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string Text(const std::string& name) const { return e2e::ReadFile(files_.File(name)); }
  mode_t Mode(const std::string& name) const {
    struct stat info {};
    EXPECT_EQ(stat(files_.File(name).c_str(), &info), 0) << name;
    return info.st_mode & 07777;
  }
  bool KeyFits(const std::string& name) const {
    const Result<pki::Certificate> certificate = pki::Certificate::FromPem(Text(name + ".pem"));
    const Result<pki::PrivateKey> key = pki::PrivateKey::FromPem(Text(name + "-key.pem"));
    return certificate && key && certificate->IsOfKey(*key);
  }
  std::string Names(const std::string& file) const {
    return pki::ReadBack(Text(file)).Extension(NID_subject_alt_name);
  }

  // An authority's files, valid from so many days before now to so many after.
  void WriteAuthority(int before, int after) const {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto made = pki::Authority::Create(
        {{}, {now - std::chrono::days(before), now + std::chrono::days(after)}});
    ASSERT_TRUE(made);
    files_.Write("consul-agent-ca.pem", made->certificate);
    files_.Write("consul-agent-ca-key.pem", made->key);
  }

  const e2e::TempDir dir_;
  const e2e::TempDir files_;
};

}  // namespace rollcall::cli
