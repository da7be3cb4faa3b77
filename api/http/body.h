// Body: the bytes of an answer. SharedBody: bytes that go out many times, and their gzip form; many
// bytes are kept in a MemoryFile.
// A SharedBody is immutable and read by any thread; a Body is a value of one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "api/http/memory_file.h"
#include "registry/base/once_cell.h"

namespace rollcall::http {

// A prepared answer goes to thousands of watchers without a copy, and is compressed once for all of
// them (at worst once for each worker, when several need it at the same time).
class SharedBody {
 public:
  explicit SharedBody(std::string bytes);

  std::string_view bytes() const { return file_ != nullptr ? file_->bytes() : bytes_; }
  // Null where they are not in a file.
  const MemoryFile* file() const { return file_.get(); }
  // Made when it is first asked for; null when it would not be smaller.
  const std::string* Gzip() const;

 private:
  const std::unique_ptr<const MemoryFile> file_;
  const std::string bytes_;  // where there is no file
  OnceCell<std::optional<std::string>> gzip_;
};

class Body {
 public:
  Body() = default;
  // Implicit on purpose: `response.body = "text"` reads well.
  Body(std::string bytes) : bytes_(std::move(bytes)) {}                          // NOLINT
  Body(const char* text) : bytes_(std::string(text)) {}                          // NOLINT
  Body(std::shared_ptr<const SharedBody> shared) : bytes_(std::move(shared)) {}  // NOLINT

  std::string_view view() const;
  // What view() shows, as a file; null where it is in none.
  const MemoryFile* file() const;
  // The same content as gzip; nothing when that would not be smaller.
  std::optional<Body> Gzip() const;

 private:
  struct SharedGzip {
    std::shared_ptr<const SharedBody> owner;  // whose gzip form these bytes are
  };

  std::variant<std::string, std::shared_ptr<const SharedBody>, SharedGzip> bytes_;
};

}  // namespace rollcall::http
