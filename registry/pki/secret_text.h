// SecretText: text that nobody is to find in memory behind its owner, such as a private key's: its
// bytes are overwritten before they are freed. A value of one thread, moved and never copied.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace rollcall::pki {

class SecretText {
 public:
  // Room for that many bytes, with none in it yet. It does not grow: growing leaves copies behind.
  explicit SecretText(size_t room);
  SecretText(SecretText&& other) noexcept
      : bytes_(std::move(other.bytes_)),
        room_(std::exchange(other.room_, 0)),
        size_(std::exchange(other.size_, 0)) {}
  SecretText& operator=(SecretText&&) = delete;
  ~SecretText();

  // Where the next bytes belong, and how many of them fit. Who has written some says so.
  char* end() { return bytes_.get() + size_; }
  size_t left() const { return room_ - size_; }
  // Precondition: count <= left().
  void Grow(size_t count);

  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t room_;
  size_t size_ = 0;
};

}  // namespace rollcall::pki
