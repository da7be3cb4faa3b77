#include "api/name_filter.h"

#include <re2/re2.h>

namespace rollcall::api {
namespace {

// For an expression and what it remembers while it runs. The server keeps hundreds of them.
constexpr int64_t kMaxMemory = 256 * 1024;

}  // namespace

Result<NameFilter> NameFilter::Compile(std::string_view text) {
  NameFilter filter;
  if (text.empty()) return filter;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  auto expression =
      std::make_shared<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
  if (!expression->ok()) return InvalidArgument(expression->error());
  filter.text_ = text;
  filter.expression_ = std::move(expression);
  return filter;
}

bool NameFilter::Matches(std::string_view name) const {
  return expression_ == nullptr ||
         re2::RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), *expression_);
}

}  // namespace rollcall::api
