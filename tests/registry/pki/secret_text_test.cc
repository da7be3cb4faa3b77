#include "registry/pki/secret_text.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "registry/base/owned_fd.h"
#include "registry/pki/pem_file.h"
#include "registry/pki/private_key.h"
#include "tests/e2e/harness/certificates.h"

namespace rollcall::pki {
namespace {

// Bytes of a file that this process has nowhere in memory by knowing them.
class HiddenBytes {
 public:
  HiddenBytes(const std::string& path, off_t offset) {
    const OwnedFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(pread(file.get(), bytes_.data(), bytes_.size(), offset),
              static_cast<ssize_t>(bytes_.size()));
    for (char& c : bytes_) c = Hide(c);
  }

  // Whether they are in any memory of this process that it can write. Allocates nothing, for that
  // would overwrite what has been freed.
  bool AreInMemory() const {
    static std::array<char, 1 << 18> maps;
    const OwnedFd file(open("/proc/self/maps", O_RDONLY | O_CLOEXEC));
    size_t size = 0;
    while (size < maps.size()) {
      const ssize_t count = read(file.get(), maps.data() + size, maps.size() - size);
      if (count <= 0) break;
      size += static_cast<size_t>(count);
    }
    EXPECT_LT(size, maps.size());
    std::string_view rest(maps.data(), size);
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      if (AreInRegion(line)) return true;
    }
    return false;
  }

 private:
  static char Hide(char c) { return static_cast<char>(c ^ 0x55); }

  // "7f0000000000-7f0000001000 rw-p ..."
  bool AreInRegion(std::string_view line) const {
    uint64_t begin = 0;
    uint64_t end = 0;
    const char* const last = line.data() + line.size();
    const char* const dash = std::from_chars(line.data(), last, begin, 16).ptr;
    const char* const space = std::from_chars(dash + 1, last, end, 16).ptr;
    const std::string_view mode(space + 1, 2);
    // What is larger is a sanitizer's own.
    constexpr uint64_t kMost = uint64_t{1} << 30;
    if (mode != "rw" || end - begin > kMost) return false;
    static std::array<char, 1 << 20> room;
    const OwnedFd memory(open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
    bool found = false;
    // Parts overlap, so that none of the bytes are missed between two of them.
    for (uint64_t at = begin; at < end && !found; at += room.size() - bytes_.size()) {
      const size_t wanted = std::min<size_t>(room.size(), end - at);
      const ssize_t size = pread(memory.get(), room.data(), wanted, static_cast<off_t>(at));
      const auto same = [](char seen, char hidden) { return Hide(seen) == hidden; };
      const char* const read_end = room.data() + std::max<ssize_t>(size, 0);
      found = std::search(static_cast<const char*>(room.data()), read_end, bytes_.begin(),
                          bytes_.end(), same) != read_end;
      OPENSSL_cleanse(room.data(), room.size());  // or they would be found here
    }
    return found;
  }

  std::array<char, 48> bytes_{};
};

TEST(SecretTextTest, HoldsWhatIsWrittenIntoIt) {
  SecretText text(5);
  EXPECT_EQ(text.view(), "");
  *text.end() = 'a';
  text.Grow(1);
  *text.end() = 'b';
  text.Grow(1);
  EXPECT_EQ(text.left(), 3u);
  const SecretText moved = std::move(text);
  EXPECT_EQ(moved.view(), "ab");
}

class SecretKeyTest : public testing::Test {
 protected:
  SecretKeyTest() { e2e::Openssl(dir_, {"genpkey", "-algorithm", "RSA", "-out", file_}); }

  const e2e::TempDir dir_;
  const std::string file_ = dir_.File("key");
};

TEST_F(SecretKeyTest, TextIsOverwrittenWithItsOwner) {
  const HiddenBytes line(file_, 400);
  ASSERT_FALSE(line.AreInMemory());
  // Small, so that its memory stays this process's when it is freed.
  std::optional<SecretText> text(4096);
  const OwnedFd file(open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  const ssize_t size = read(file.get(), text->end(), text->left());
  ASSERT_GT(size, 500);
  text->Grow(static_cast<size_t>(size));
  ASSERT_TRUE(line.AreInMemory());
  text.reset();
  EXPECT_FALSE(line.AreInMemory());
}

TEST_F(SecretKeyTest, KeyThatWasReadIsNotLeftInMemoryAsText) {
  const HiddenBytes line(file_, 400);
  std::optional<Result<SecretText>> text = ReadPemFile(file_, PemSource::kRegularFile);
  ASSERT_TRUE(line.AreInMemory());
  std::optional<Result<PrivateKey>> key = PrivateKey::FromPem((*text)->view());
  ASSERT_TRUE(*key);
  text.reset();
  EXPECT_FALSE(line.AreInMemory());
  key.reset();
  EXPECT_FALSE(line.AreInMemory());
}

}  // namespace
}  // namespace rollcall::pki
