#include "api/http/body.h"

#include "api/http/gzip.h"

namespace rollcall::http {

SharedBody::SharedBody(std::string bytes)
    : file_(MemoryFile::Make(bytes)), bytes_(file_ != nullptr ? std::string() : std::move(bytes)) {}

const std::string* SharedBody::Gzip() const {
  const std::optional<std::string>& gzip = gzip_.GetOrMake(
      [this] { return std::make_unique<const std::optional<std::string>>(GzipOf(bytes())); });
  return gzip ? &*gzip : nullptr;
}

std::string_view Body::view() const {
  if (const auto* own = std::get_if<std::string>(&bytes_)) return *own;
  if (const auto* gzip = std::get_if<SharedGzip>(&bytes_)) return *gzip->owner->Gzip();
  const auto& shared = *std::get_if<std::shared_ptr<const SharedBody>>(&bytes_);
  return shared ? shared->bytes() : std::string_view();
}

const MemoryFile* Body::file() const {
  const auto* const shared = std::get_if<std::shared_ptr<const SharedBody>>(&bytes_);
  return shared != nullptr && *shared != nullptr ? (*shared)->file() : nullptr;
}

std::optional<Body> Body::Gzip() const {
  const auto* shared = std::get_if<std::shared_ptr<const SharedBody>>(&bytes_);
  if (shared == nullptr) {
    std::optional<std::string> gzip = GzipOf(view());
    return gzip ? std::optional<Body>(std::move(*gzip)) : std::nullopt;
  }
  if (*shared == nullptr || (*shared)->Gzip() == nullptr) return std::nullopt;
  Body body;
  body.bytes_ = SharedGzip{*shared};
  return body;
}

}  // namespace rollcall::http
